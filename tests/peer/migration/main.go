// The peer: what kubeadm's library makes of a Corefile.
//
// Without arguments one JSON object a line comes in on stdin and one goes out on stdout, in order; text travels as base64. With arguments it
// is the library's own command for one Corefile, for the clock: `peer FROM TO FILE` prints the migrated text.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/coredns/corefile-migration/migration"
)

type question struct {
	Op   string // migrate, eager (deprecations too), down, deprecated, unsupported, default, versions
	From string // a release; for default that of Kubernetes
	To   string
	Text []byte // base64
}

type answer struct {
	Text    []byte             `json:"text"` // base64
	Notices []migration.Notice `json:"notices"`
	Yes     bool               `json:"yes"`
	Words   []string           `json:"words"`
	Error   string             `json:"error"`
	Panic   string             `json:"panic"` // the library's own; nothing else is set then
}

func main() {
	log.SetFlags(0)
	if len(os.Args) == 4 {
		text, err := os.ReadFile(os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		migrated, err := migration.Migrate(os.Args[1], os.Args[2], string(text), false)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(migrated)
		return
	}
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			log.Fatal(err)
		}
		if err := encoder.Encode(ask(q)); err != nil {
			log.Fatal(err)
		}
	}
}

func ask(q question) (a answer) {
	defer func() {
		if reason := recover(); reason != nil {
			a = answer{Panic: fmt.Sprint(reason)}
		}
	}()
	var err error
	text := ""
	switch q.Op {
	case "migrate", "eager":
		text, err = migration.Migrate(q.From, q.To, string(q.Text), q.Op == "eager")
	case "down":
		text, err = migration.MigrateDown(q.From, q.To, string(q.Text))
	case "deprecated":
		a.Notices, err = migration.Deprecated(q.From, q.To, string(q.Text))
	case "unsupported":
		a.Notices, err = migration.Unsupported(q.From, q.To, string(q.Text))
	case "default":
		a.Yes = migration.Default(q.From, string(q.Text))
	case "versions":
		a.Words = migration.ValidVersions()
	default:
		log.Fatalf("no operation %q", q.Op)
	}
	a.Text = []byte(text)
	if err != nil {
		a.Error = err.Error()
	}
	return a
}
