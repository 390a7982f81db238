package agreements_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"accord/configs/agreements"
	"accord/partners"
)

func TestAll_everySeedIsAValidAgreementWithSources(t *testing.T) {
	t.Parallel()
	seeds, err := agreements.All()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"apec-tel-mra", "belt-road-memorandum", "cn-hk-mo-electrical", "cn-nz-eeemra-2008", "iaf-mla", "iecee-cb", "ilac-mra"}
	if len(seeds) != len(want) {
		t.Fatalf("%d seeds, want %v", len(seeds), want)
	}
	for i, seed := range seeds {
		if seed.Name != want[i] {
			t.Errorf("seed %d is %s, want %s", i, seed.Name, want[i])
		}
		a, err := partners.ParseAgreement(seed.Agreement)
		if err != nil {
			t.Errorf("%s: %v", seed.Name, err)
			continue
		}
		if string(a.ID) != seed.Name {
			t.Errorf("%s holds the agreement %s", seed.Name, a.ID)
		}
		if len(seed.Sources) == 0 {
			t.Errorf("%s names no source", seed.Name)
		}
		for _, s := range seed.Sources {
			if s.Title == "" || s.Says == "" {
				t.Errorf("%s has a source without title or without what it says", seed.Name)
			}
		}
		if len(seed.Illustrative) == 0 {
			t.Errorf("%s marks nothing as illustrative", seed.Name)
		}
	}
}

func TestAll_illustrativePointersLeadToMembersAndAreDistinct(t *testing.T) {
	t.Parallel()
	seeds, err := agreements.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, seed := range seeds {
		var body any
		if err := json.Unmarshal(seed.Agreement, &body); err != nil {
			t.Fatal(err)
		}
		file := map[string]any{"agreement": body}
		seen := map[string]bool{}
		for _, p := range seed.Illustrative {
			if !resolves(file, p) {
				t.Errorf("%s: %s leads nowhere", seed.Name, p)
			}
			if seen[p] {
				t.Errorf("%s: %s stands twice", seed.Name, p)
			}
			seen[p] = true
		}
	}
}

func TestGet_refusesAnUnknownName(t *testing.T) {
	t.Parallel()
	if _, err := agreements.Get("no-such-agreement"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

// resolves follows a JSON Pointer (RFC 6901, without escapes).
func resolves(v any, pointer string) bool {
	for _, token := range strings.Split(pointer, "/")[1:] {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[token]
			if !ok {
				return false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(x) {
				return false
			}
			v = x[i]
		default:
			return false
		}
	}
	return strings.HasPrefix(pointer, "/")
}
