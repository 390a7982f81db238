package attestation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"accord/attestation"
)

func TestCheckDigits_ofTheSharedVectors(t *testing.T) {
	t.Parallel()
	var v struct {
		USCC struct {
			Valid   []string `json:"valid"`
			Invalid []struct {
				V string `json:"v"`
			} `json:"invalid"`
		} `json:"uscc"`
		OrgCode, GTIN, CCC struct {
			Valid   []string `json:"valid"`
			Invalid []string `json:"invalid"`
		}
	}
	raw := data(t, "ids/identifiers.json")
	var all map[string]json.RawMessage
	for _, err := range []error{
		json.Unmarshal(raw, &all), json.Unmarshal(all["uscc"], &v.USCC), json.Unmarshal(all["gb11714"], &v.OrgCode),
		json.Unmarshal(all["gtin"], &v.GTIN), json.Unmarshal(all["cccNumber"], &v.CCC),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range v.USCC.Valid {
		check(t, "USCC", attestation.ValidUSCC, s, true)
		check(t, "organisation code in a USCC", attestation.ValidOrgCode, s[8:17], true)
	}
	for _, s := range v.USCC.Invalid {
		check(t, "USCC", attestation.ValidUSCC, s.V, false)
	}
	for _, s := range v.OrgCode.Valid {
		check(t, "organisation code", attestation.ValidOrgCode, s, true)
	}
	for _, s := range v.GTIN.Valid {
		check(t, "GTIN", attestation.ValidGTIN, s, true)
	}
	for _, s := range v.GTIN.Invalid {
		check(t, "GTIN", attestation.ValidGTIN, s, false)
	}
	for _, s := range v.CCC.Valid {
		check(t, "CCC number", isCCC, s, true)
	}
	for _, s := range v.CCC.Invalid {
		// Whether the class is in the catalogue is for the gateway to say.
		number, why, _ := strings.Cut(s, " ")
		check(t, "CCC number", isCCC, number, strings.Contains(why, "catalogue"))
	}
}

func isCCC(s string) bool { _, ok := attestation.ParseCCC(s); return ok }

func check(t *testing.T, name string, valid func(string) bool, s string, want bool) {
	t.Helper()
	if valid(s) != want {
		t.Errorf("%s %q: %v", name, s, !want)
	}
}

// A wrong digit anywhere and most exchanges of neighbours are what check digits
// are for.
func TestCheckDigits_findAnyWrongDigit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		valid func(string) bool
		good  string
	}{
		{"USCC", attestation.ValidUSCC, "914403001922038216"},
		{"organisation code", attestation.ValidOrgCode, "71526726X"},
		{"GTIN", attestation.ValidGTIN, "09520123456788"},
		{"GLN", attestation.ValidGLN, "9520123456788"},
		{"LEI", attestation.ValidLEI, "5493001KJTIIGC8Y1R12"},
	} {
		check(t, c.name, c.valid, c.good, true)
		for i := range c.good {
			for _, d := range "0123456789" {
				if byte(d) == c.good[i] {
					continue
				}
				bad := c.good[:i] + string(d) + c.good[i+1:]
				if c.valid(bad) && (c.good[i] >= '0' && c.good[i] <= '9') {
					t.Errorf("%s: %s passes for %s", c.name, bad, c.good)
				}
			}
		}
		for _, bad := range []string{"", c.good + "0", c.good[1:] + " ", strings.Repeat("~", len(c.good)), strings.ToLower(c.good)} {
			if bad != c.good {
				check(t, c.name, c.valid, bad, false)
			}
		}
	}
}

func TestGTIN14_compares(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"9520123456788": "09520123456788", "96385074": "00000096385074", "123": ""} {
		if got, ok := attestation.GTIN14(in); got != want || ok != (want != "") {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestParseCCC_takesItApart(t *testing.T) {
	t.Parallel()
	got, ok := attestation.ParseCCC("2024010708696171")
	if want := (attestation.CCCNumber{Year: 2024, Body: "01", Class: "0708", Serial: "696171"}); !ok || got != want {
		t.Errorf("got %+v", got)
	}
}

func TestApprovalAndHS(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"CNCA-R-2002-001": true, "CNCA-RF-2002-07": true, "CNCA-RF-2003-27": true, "CNCA-R-2002-1": false,
		"CNCA-R-202-001": false, "CNCA-RFF-2002-07": false, "cnca-R-2002-001": false, "CNCA-R-2002-001 ": false, "CNCA-R": false} {
		check(t, "approval", attestation.ValidCNCAApproval, s, want)
	}
	for s, want := range map[string]bool{"0602": true, "06029048": true, "850811": true, "8508110000": true, "85081": false, "": false, "85.08": false} {
		check(t, "HS", attestation.ValidHS, s, want)
	}
}
