// The oracle: what CoreDNS's own parser makes of a Corefile.
//
// One JSON object a line comes in on stdin, one goes out on stdout, in order. Bytes travel as base64.
package main

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"

	"github.com/coredns/caddy/caddyfile"
)

type question struct {
	Path        string            // what CoreDNS calls the file; messages begin with it, imports are relative to its folder
	Text        []byte            // base64
	Environment map[string]string // the whole of it
	Directives  []string          // null: any name is a directive, as in the reload plugin
}

type answer struct {
	Tokens  []token                 `json:"tokens"`
	Blocks  []caddyfile.ServerBlock `json:"blocks"`
	Error   string                  `json:"error"`
	SHA512  string                  `json:"sha512"` // both of the JSON as the reload plugin makes it
	MD5     string                  `json:"md5"`
	Warning string                  `json:"warning"`
}

type token struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

func main() {
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
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func ask(q question) (a answer) {
	os.Clearenv()
	for name, value := range q.Environment {
		os.Setenv(name, value)
	}
	var warning bytes.Buffer
	log.SetOutput(&warning)
	log.SetFlags(0)

	words := caddyfile.NewDispenser(q.Path, bytes.NewReader(q.Text))
	for words.Next() {
		a.Tokens = append(a.Tokens, token{words.Line(), words.Val()})
	}
	blocks, err := caddyfile.Parse(q.Path, bytes.NewReader(q.Text), q.Directives)
	a.Warning = warning.String()
	if err != nil {
		a.Error = err.Error()
		return a
	}
	a.Blocks = blocks
	encoded, err := json.Marshal(blocks)
	if err != nil {
		log.Fatal(err)
	}
	sha, md := sha512.Sum512(encoded), md5.Sum(encoded)
	a.SHA512, a.MD5 = hex.EncodeToString(sha[:]), hex.EncodeToString(md[:])
	return a
}
