"""Why an answer is unknown: every reason, by a short key, in the words that users read. docs/answers.md lists them."""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from typing import NamedTuple


class Reason(NamedTuple):
    """`text` is what is shown, with the word that stands in the Corefile in the place of {}; `why` explains it in the docs."""

    text: str
    why: str


REASONS: dict[str, Reason] = {
    "import": Reason("the file that `import {}` reads is not at hand", "what it brings could answer any question"),
    "key-variable": Reason("the zone of a server block is an environment variable", "remedy does not know the pod's environment"),
    "placeholder": Reason(
        "the cluster's domain is a placeholder: {}", "a name in it could be one of the cluster's own, which are forwarded elsewhere"
    ),
    "ports": Reason(
        "server blocks on several ports, none of them 53, answer differently", "which one clients are sent to is a Service's matter"
    ),
    "bind": Reason("server blocks of one port `bind` different addresses", "which one is asked is not in the Corefile"),
    "view": Reason("a `view` chooses the server block by an expression", "only comparisons of `type()` are evaluated"),
    "name": Reason("a name with letters that DNS writes in another way", "escapes, empty and overlong labels are not modelled"),
    "type": Reason("a question of type {} is not modelled", "only types that a client's name lookup asks for are"),
    "not-modelled": Reason("the plugin `{}` is not modelled", "a third-party plugin, or one whose data is not in the Corefile"),
    "zones-variable": Reason("the zones of `{}` are an environment variable", "remedy does not know the pod's environment"),
    "variable": Reason("`{}` uses an environment variable", "remedy does not know the pod's environment"),
    "nested": Reason("`{}` holds a nested block", "no plugin expects one; CoreDNS reads its words as options"),
    "words": Reason("`{}` holds words that CoreDNS reads as something else", "words behind a block, or too many behind an option"),
    "match": Reason(
        "a `match` that needs RE2's own syntax: {}", "install remedy with its extra `re2`, or see below what is understood without it"
    ),
    "regex": Reason("CoreDNS would refuse the expression {}", "it does not load, so it answers nothing"),
    "expr": Reason("a template decides by `expr`", "expressions are not evaluated"),
    "rcode": Reason("an rcode above 15 cannot be sent to every client", "it needs EDNS in the question"),
    "render": Reason("a template writes its records with {}", "only the usual fields of Go's templates are understood"),
    "record": Reason(
        "a template writes a record that remedy cannot read: {}", "whether CoreDNS can decides between an answer and SERVFAIL"
    ),
    "loop": Reason("names point at each other in a circle", "CoreDNS gives up, or ends"),
    "silent-target": Reason("the target of a CNAME is not answered at all", "CoreDNS fails in ways that differ by version"),
    "acl-client": Reason("`acl` decides by the address of the client", "it was not said who asks"),
    "hosts-file": Reason("the hosts file {} is not at hand and could hold this name", "only its inline entries are in the Corefile"),
    "zone-file": Reason("the zone file {} is not at hand", "the names in it are not in the Corefile"),
    "zone-file-syntax": Reason("the zone file {} holds what remedy does not read", "only usual records of a zone are understood"),
    "file-version": Reason("`file` answers aliases and wildcards differently in older versions", "modelled for 1.15.0 and later"),
    "local-version": Reason(
        "whether `local` answers names below localhost depends on the version", "modelled up to 1.10.1 and from 1.15.0"
    ),
    "kubernetes": Reason(
        "what `kubernetes` answers to this name depends on the cluster", "Services of its own, pods' names, reverse zones"
    ),
    "federation": Reason("a name with the name of a federation in it is looked up again without that", "what the cluster has decides"),
    "dns64-client": Reason("`dns64` decides by whether the client asks over IPv6", "it was not said who asks"),
    "dns64-version": Reason(
        "whether `dns64` passes on the rcode of the A reply depends on the version", "modelled up to 1.10.1 and from 1.15.0"
    ),
    "dns64-rewrite": Reason(
        "`dns64` above a `rewrite` answers another question", "CoreDNS asks for the rewritten name and puts it in the reply"
    ),
    "autopath": Reason(
        "`autopath` could go on to another name of the client's search path", "which search path is the client's is not known"
    ),
    "minimal-version": Reason(
        "what `minimal` does where nothing was answered depends on the version", "modelled up to 1.10.1 and from 1.15.0"
    ),
    "rewrite-question": Reason("a `rewrite` leaves the rewritten question in the reply", "clients drop such a reply"),
    "rewrite-rule": Reason("a `rewrite` rule is not modelled: {}", "its effect depends on more than name and type"),
    "erratic": Reason("`erratic` drops every so-manieth question", "which one is next is not known"),
    "tsig": Reason("`tsig` may require signed questions", "it was not said how the client asks"),
}


class Unknown(Exception):
    """No answer can be given, for one of the REASONS; `plugin` names who could not tell, "" for the server itself."""

    def __init__(self, key: str, word: str = "", *, plugin: str = "") -> None:
        self.key, self.plugin = key, plugin
        super().__init__(REASONS[key].text.format(word))
