package fault_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"accord/internal/fault"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

// docs/errors.md is made of the table: go test ./internal/fault -run Docs -update
func TestDocs_areMadeOfTheTable(t *testing.T) {
	t.Parallel()
	const path = "../../docs/errors.md"
	want := errorsPage(t)
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/errors.md is not what the table says; run: go test ./internal/fault -run Docs -update")
	}
}

// warned says what each warning means; the table has only what is refused.
var warned = map[fault.Code]string{
	fault.WarnNoRecipient:  "archived for sender and issuer; nobody else may see it",
	fault.WarnPersonalData: "names or reaches a natural person; an agreement may refuse it when it leaves the country",
	fault.WarnCCCNumber:    "product class or body of a CCC number does not agree with catalogue, object or issuer",
	fault.WarnDateZone:     "a date without zone, read at +00:00",
}

func errorsPage(t *testing.T) []byte {
	t.Helper()
	_, warnings := constants(t)
	slices.Sort(warnings)
	var b bytes.Buffer
	b.WriteString(`# Error codes

<!-- Generated from internal/fault: go test ./internal/fault -run Docs -update -->

Codes are stable; compare them and not the texts. A problem document
(RFC 9457) has the type ` + "`urn:accord:error:CODE`" + `; ` + "`retryable`" + ` says whether the same
bytes may succeed later. Findings in a document carry a JSON Pointer.

| code | HTTP | retry | meaning |
|---|---|---|---|
`)
	for _, r := range fault.Table() {
		fmt.Fprintf(&b, "| `%s` | %d | %s | %s |\n", r.Code, r.Status, r.Retry, r.Meaning)
	}
	b.WriteString("\n## Warnings\n\nWhat they name was accepted all the same.\n\n| code | meaning |\n|---|---|\n")
	for _, w := range warnings {
		meaning := warned[fault.Code(w)]
		if meaning == "" {
			t.Errorf("the warning %s is not explained", w)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", w, meaning)
	}
	return b.Bytes()
}
