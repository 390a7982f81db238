package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// dir is where the programs are built; TestMain removes it.
var dir string

func TestMain(m *testing.M) {
	var err error
	if dir, err = os.MkdirTemp("", "accord-deploy-"); err != nil {
		panic(err)
	}
	status := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// binaries are built as the Dockerfile builds them, once.
var binaries = sync.OnceValue(func() error {
	build := exec.Command("go", "build", "-trimpath", "-o", dir+string(filepath.Separator), "./cmd/accord", "./deploy/ready")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

// binary returns the path of accord or ready.
func binary(t testing.TB, name string) string {
	t.Helper()
	if err := binaries(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// command is what --help says of a command.
type command struct {
	kids  []string
	flags map[string]bool // whether a value follows
}

var (
	helpFlag = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z][a-z-]*)(=?)`)
	helpKid  = regexp.MustCompile(`^  ([a-z][a-z -]*?)(?: {2,}|$)`)
)

// program asks a binary for its commands.
type program struct {
	path string
	mu   sync.Mutex
	seen map[string]*command // by the words of the command; guarded by mu
}

var accordProgram = sync.OnceValue(func() *program {
	return &program{path: filepath.Join(dir, "accord"), seen: map[string]*command{}}
})

func accord(t testing.TB) *program {
	t.Helper()
	binary(t, "accord")
	return accordProgram()
}

// command returns what is known of a command that exists.
func (p *program) command(words []string) (*command, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := strings.Join(words, " ")
	if c := p.seen[key]; c != nil {
		return c, nil
	}
	out, err := exec.Command(p.path, append(slices.Clone(words), "--help")...).Output()
	if err != nil {
		return nil, fmt.Errorf("accord %s --help: %w", key, err)
	}
	c := &command{flags: map[string]bool{}}
	for _, m := range helpFlag.FindAllStringSubmatch(string(out), -1) {
		c.flags[m[1]] = m[2] == "="
	}
	_, list, _ := strings.Cut(string(out), "\nCommands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		if m := helpKid.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			c.kids = append(c.kids, m[1][strings.LastIndexByte(m[1], ' ')+1:])
		}
	}
	p.seen[key] = c
	return c, nil
}

// check says what is wrong with the arguments of a call. Prose may name a group
// of commands, a call may not.
func (p *program) check(args []string, prose bool) []string {
	var words, flags, found []string
	c, err := p.command(nil)
	for i := 0; i < len(args) && err == nil; i++ {
		arg := args[i]
		if name, ok := strings.CutPrefix(arg, "--"); ok {
			name, _, with := strings.Cut(name, "=")
			flags = append(flags, name)
			if c.flags[name] && !with {
				i++
			}
			continue
		}
		if len(c.kids) == 0 {
			continue // an argument
		}
		if !slices.Contains(c.kids, arg) {
			return append(found, fmt.Sprintf("accord %s: there is no command %s", strings.Join(words, " "), arg))
		}
		words = append(words, arg)
		c, err = p.command(words)
	}
	if err != nil {
		return append(found, err.Error())
	}
	for _, name := range flags {
		if _, ok := c.flags[name]; !ok {
			found = append(found, fmt.Sprintf("accord %s: there is no flag --%s", strings.Join(words, " "), name))
		}
	}
	if len(c.kids) > 0 && !prose && !slices.Contains(flags, "help") {
		found = append(found, fmt.Sprintf("accord %s: a command is missing", strings.Join(words, " ")))
	}
	return found
}

// calls returns the arguments of every call of accord in a line of a shell.
func calls(line string) [][]string {
	var found [][]string
	line = substitution.ReplaceAllStringFunc(line, func(s string) string {
		found = append(found, calls(substitution.FindStringSubmatch(s)[1])...)
		return "x"
	})
	var words []string
	for _, word := range append(split(line), ";") {
		if !slices.Contains([]string{";", "&&", "||", "|", "&"}, word) {
			words = append(words, word)
			continue
		}
		if args, ok := callOf(words); ok {
			found = append(found, args)
		}
		words = nil
	}
	return found
}

var substitution = regexp.MustCompile(`\$\(([^()]*)\)`)

// callOf returns the arguments behind accord and what may stand before it.
func callOf(words []string) ([]string, bool) {
	for len(words) > 0 {
		switch first := words[0]; {
		case path.Base(first) == "accord":
			return redirected(words[1:]), true
		case assignment.MatchString(first):
			words = words[1:]
		case first == "sudo" || first == "runuser":
			words = words[1:]
			for len(words) > 1 && strings.HasPrefix(words[0], "-") {
				takes := words[0] == "-u"
				words = words[1:]
				if takes {
					words = words[1:]
				}
			}
		default:
			return nil, false
		}
	}
	return nil, false
}

var assignment = regexp.MustCompile(`^[A-Za-z_]+=`)

// redirected leaves redirections and comments out.
func redirected(words []string) []string {
	for i, w := range words {
		if strings.HasPrefix(w, ">") || strings.HasPrefix(w, "<") || strings.HasPrefix(w, "2>") || w == "#" {
			return words[:i]
		}
	}
	return words
}

// split splits a line into words; quotes hold one together.
func split(line string) []string {
	var words []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, open = r, true
		case r == ' ' || r == '\t':
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		case r == ';':
			if open {
				words = append(words, word.String())
			}
			words = append(words, ";")
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words
}
