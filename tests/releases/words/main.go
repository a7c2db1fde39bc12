// The words that the setup code of each plugin knows, read from the source of CoreDNS: nothing is built or run.
//
// Arguments are folders that hold a release's plugin.cfg and plugin/; one JSON object a line comes out for each. What may follow a word stands
// behind it and a space: `policy sequential`. Whether a word belongs in the plugin's block or on its own line is not said.
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type release struct {
	Order []string            `json:"order"` // the plugins as in plugin.cfg: which sees a query first
	Words map[string][]string `json:"words"` // no entry: the plugin is not in this repository
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, root := range os.Args[1:] {
		if err := out.Encode(read(root)); err != nil {
			log.Fatal(err)
		}
	}
}

func read(root string) release {
	content, err := os.ReadFile(filepath.Join(root, "plugin.cfg"))
	if err != nil {
		log.Fatal(err)
	}
	found := release{Words: map[string][]string{}}
	for line := range strings.Lines(string(content)) {
		name, path, isPlugin := strings.Cut(strings.TrimSpace(line), ":")
		if !isPlugin || strings.HasPrefix(name, "#") || path == "deprecated" { // the last one only says that the plugin is gone
			continue
		}
		found.Order = append(found.Order, name)
		if !strings.Contains(path, ".") {
			found.Words[name] = words(root, filepath.Join(root, "plugin", path), name)
		}
	}
	return found
}

// A reader goes through the code that a plugin's setup function reaches, as long as the reading of the Corefile is passed on.
type reader struct {
	plugin    string
	functions map[string][]*ast.FuncDecl // functions and methods by name; those of plugin/pkg/parse by `parse.Name`
	constants map[string]string
	found     map[string]bool
	walking   []string
}

func words(root, folder, plugin string) []string {
	r := reader{plugin, map[string][]*ast.FuncDecl{}, map[string]string{}, map[string]bool{}, nil}
	own := files(folder)
	r.declare(own, "")
	r.declare(files(filepath.Join(root, "plugin/pkg/parse")), "parse.")
	entries := setups(own)
	if entries == nil {
		log.Fatalf("%s: no setup function", folder)
	}
	for _, setup := range entries {
		r.call(setup, place{})
	}
	return slices.Sorted(maps.Keys(r.found))
}

// A place is where a word of the Corefile would stand: behind these words. Where several words are handled by the same code, `together` are
// all of them: asked for again inside, they are the same word.
type place struct {
	words    string
	together []string
}

func (r *reader) call(name string, at place) {
	if slices.Contains(r.walking, name) {
		return
	}
	r.walking = append(r.walking, name)
	for _, function := range r.functions[name] {
		if function.Body != nil && reads(function) {
			r.walk(function.Body, at)
		}
	}
	r.walking = r.walking[:len(r.walking)-1]
}

func (r *reader) walk(node ast.Node, at place) {
	if node == nil {
		return
	}
	ast.Inspect(node, func(each ast.Node) bool {
		switch n := each.(type) {
		case *ast.SwitchStmt:
			r.cases(n, at)
			return false
		case *ast.IfStmt:
			r.condition(n, at)
			return false
		case *ast.CallExpr:
			r.call(called(n), at)
		}
		return true
	})
}

func (r *reader) cases(n *ast.SwitchStmt, at place) {
	if n.Init != nil {
		r.walk(n.Init, at)
	}
	for _, each := range n.Body.List {
		clause := each.(*ast.CaseClause)
		behind := r.note(clause.List, token.EQL, at)
		for _, statement := range clause.Body {
			for _, place := range behind {
				r.walk(statement, place)
			}
		}
	}
}

func (r *reader) condition(n *ast.IfStmt, at place) {
	if n.Init != nil {
		r.walk(n.Init, at)
	}
	r.walk(n.Cond, at)
	for _, place := range r.note([]ast.Expr{n.Cond}, token.EQL, at) {
		r.walk(n.Body, place)
	}
	if n.Else != nil {
		r.walk(n.Else, at)
	}
}

// note keeps the words in these expressions and says where the code goes on that is run for them.
func (r *reader) note(expressions []ast.Expr, operator token.Token, at place) []place {
	var behind []place
	for _, expression := range expressions {
		if word, ok := r.value(expression); ok {
			behind = append(behind, r.keep(word, at)...)
			continue
		}
		ast.Inspect(expression, func(each ast.Node) bool {
			n, ok := each.(*ast.BinaryExpr)
			if !ok || (n.Op != token.EQL && n.Op != token.NEQ) {
				return true
			}
			for _, side := range []ast.Expr{n.X, n.Y} {
				if word, ok := r.value(side); ok {
					places := r.keep(word, at)
					if n.Op == operator {
						behind = append(behind, places...)
					}
				}
			}
			return true
		})
	}
	if behind == nil {
		return []place{at}
	}
	together := []string{}
	for _, each := range behind {
		together = append(together, each.together...)
	}
	for number := range behind {
		behind[number].together = together
	}
	return behind
}

var isWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (r *reader) keep(word string, at place) []place {
	if !isWord.MatchString(word) || slices.Contains(at.together, word) || (at.words == "" && word == r.plugin) {
		return nil
	}
	behind := place{strings.TrimSpace(at.words + " " + word), []string{word}}
	r.found[behind.words] = true
	return []place{behind}
}

// value is what a string literal or a constant of the package stands for.
func (r *reader) value(expression ast.Expr) (string, bool) {
	switch n := expression.(type) {
	case *ast.Ident:
		word, ok := r.constants[n.Name]
		return word, ok
	case *ast.CallExpr: // a conversion: string(policy)
		if len(n.Args) == 1 && called(n) == "string" {
			return r.value(n.Args[0])
		}
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			word, err := strconv.Unquote(n.Value)
			return word, err == nil
		}
	}
	return "", false
}

// declare keeps the functions and the string constants of these files.
func (r *reader) declare(files []*ast.File, prefix string) {
	for _, file := range files {
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				name := prefix + d.Name.Name
				r.functions[name] = append(r.functions[name], d)
			case *ast.GenDecl:
				for _, specification := range d.Specs {
					values, ok := specification.(*ast.ValueSpec)
					if !ok || d.Tok != token.CONST {
						continue
					}
					for number, value := range values.Values {
						if word, ok := r.value(value); ok {
							r.constants[values.Names[number].Name] = word
						}
					}
				}
			}
		}
	}
}

// reads tells whether a function is given what is left of the Corefile: the controller, or words.
func reads(function *ast.FuncDecl) bool {
	for _, parameter := range function.Type.Params.List {
		kind := parameter.Type
		if pointer, ok := kind.(*ast.StarExpr); ok {
			kind = pointer.X
		}
		switch n := kind.(type) {
		case *ast.SelectorExpr:
			if n.Sel.Name == "Controller" || n.Sel.Name == "Dispenser" {
				return true
			}
		case *ast.ArrayType:
			if id, ok := n.Elt.(*ast.Ident); ok && id.Name == "string" {
				return true
			}
		case *ast.Ellipsis:
			if id, ok := n.Elt.(*ast.Ident); ok && id.Name == "string" {
				return true
			}
		}
	}
	return false
}

func called(n *ast.CallExpr) string {
	switch function := n.Fun.(type) {
	case *ast.Ident:
		return function.Name
	case *ast.SelectorExpr:
		if base, ok := function.X.(*ast.Ident); ok && base.Name == "parse" {
			return "parse." + function.Sel.Name
		}
		return function.Sel.Name
	}
	return ""
}

func files(folder string) []*ast.File {
	notTests := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), folder, notTests, 0)
	if err != nil {
		log.Fatal(err)
	}
	var found []*ast.File
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		found = append(found, slices.Collect(maps.Values(packages[name].Files))...)
	}
	return found
}

// setups are the functions that a plugin registers.
func setups(files []*ast.File) []string {
	var found []string
	for _, file := range files {
		ast.Inspect(file, func(each ast.Node) bool {
			n, ok := each.(*ast.CallExpr)
			if !ok || (called(n) != "Register" && called(n) != "RegisterPlugin") {
				return true
			}
			ast.Inspect(n, func(inside ast.Node) bool {
				if id, ok := inside.(*ast.Ident); ok && strings.Contains(strings.ToLower(id.Name), "setup") {
					found = append(found, id.Name)
				}
				return true
			})
			return false
		})
	}
	return found
}
