package fault_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"accord/internal/fault"
)

func TestError_saysCodePlaceDetailAndCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	err := &fault.Error{Code: fault.HTTPUnavailable, At: "/a/0", Detail: "send it again", Err: cause}
	if got, want := err.Error(), "http.unavailable at /a/0: send it again: disk on fire"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}

func TestCodeOf_findsTheCodeUnderWrapping(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want fault.Code
	}{
		{nil, ""},
		{errors.New("x"), fault.Internal},
		{fault.New(fault.DocErased, "x"), fault.DocErased},
		{fmt.Errorf("get: %w", fault.Newf(fault.DocErased, "%d", 1)), fault.DocErased},
		{fmt.Errorf("get: %w", fault.List{fault.New(fault.JSONBOM, ""), fault.New(fault.DocErased, "")}), fault.JSONBOM},
		{fault.Wrap(errors.New("x"), fault.LedgerFork, ""), fault.LedgerFork},
	} {
		if got := fault.CodeOf(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
}

func TestList_isAnErrorOnlyWithFaults(t *testing.T) {
	t.Parallel()
	one, two := fault.At(fault.SchemaFormat, "/a", "x"), fault.At(fault.SchemaLength, "/b", "y")
	if err := (fault.List{}).ErrorOrNil(); err != nil {
		t.Errorf("an empty list is %v", err)
	}
	if err := (fault.List{one}).ErrorOrNil(); err != error(one) {
		t.Errorf("a list of one is %v", err)
	}
	err := fault.List{one, two}.ErrorOrNil()
	if got := fault.All(err); len(got) != 2 || got[0] != one || got[1] != two {
		t.Errorf("got %v", got)
	}
	if !errors.Is(err, two) || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %q", err)
	}
	if all := fault.All(errors.New("secret")); len(all) != 1 || all[0].Code != fault.Internal || strings.Contains(all[0].Detail, "secret") {
		t.Errorf("an error without code shows %v", all)
	}
	if fault.All(nil) != nil {
		t.Error("no error has faults")
	}
}

func TestLookup_ofAnUnknownCodeIsInternal(t *testing.T) {
	t.Parallel()
	if got := fault.Lookup("no.such_code"); got.Code != fault.Internal || got.Status != 500 {
		t.Errorf("got %+v", got)
	}
	if got := fault.Lookup(fault.JSONBOM); got.Status != 400 || got.Retry != fault.Never {
		t.Errorf("got %+v", got)
	}
}

func TestTable_isSortedAndSane(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9_]+$`)
	table := fault.Table()
	last := table[len(table)-1]
	if last.Code != fault.Internal {
		t.Errorf("the last row is %s; internal stands after all that callers may compare", last.Code)
	}
	for i, r := range table[:len(table)-1] {
		if i > 0 && table[i-1].Code >= r.Code {
			t.Errorf("%s does not come after %s", r.Code, table[i-1].Code)
		}
		if !form.MatchString(string(r.Code)) {
			t.Errorf("%s: not of the form room.what", r.Code)
		}
		if r.Meaning == "" || (r.Status != 200 && r.Status < 400) || r.Status >= 600 {
			t.Errorf("%s: %+v", r.Code, r)
		}
		// What may succeed later is told by statuses that say so (RFC 9110, 15.6).
		if later := r.Status == 429 || r.Status == 408 || r.Status >= 500; later != (r.Retry == fault.Later) {
			t.Errorf("%s: status %d, retry %s", r.Code, r.Status, r.Retry)
		}
	}
	table[0].Meaning = "changed"
	if fault.Table()[0].Meaning == "changed" {
		t.Error("Table gives away its rows")
	}
}

// Every code that a program can name stands in the table once, except the
// warnings, and the table names nothing else.
func TestTable_hasEveryConstant(t *testing.T) {
	t.Parallel()
	faults, warnings := constants(t)
	var rows []string
	for _, r := range fault.Table() {
		rows = append(rows, string(r.Code))
	}
	slices.Sort(rows)
	slices.Sort(faults)
	if !slices.Equal(rows, faults) {
		t.Errorf("table and constants differ:\n%v\n%v", rows, faults)
	}
	for _, w := range warnings {
		if slices.Contains(rows, w) {
			t.Errorf("the warning %s has a status", w)
		}
	}
	if len(warnings) == 0 {
		t.Error("no warnings found")
	}
}

// constants reads the values of the constants of type Code from the source.
func constants(t *testing.T) (faults, warnings []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "Code" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(spec.Names[0].Name, "Warn") {
			warnings = append(warnings, value)
		} else {
			faults = append(faults, value)
		}
		return true
	})
	return faults, warnings
}
