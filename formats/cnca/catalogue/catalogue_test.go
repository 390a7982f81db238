package catalogue_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/formats/cnca/catalogue"
)

func TestLookup_isOfTheEditionInForce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		class, day string
		answer     catalogue.Answer
		route      catalogue.Route
		basis      catalogue.Basis
		edition    string
	}{
		{"0708", "2019-12-31", catalogue.NoEdition, "", "", ""},
		{"0708", "2021-01-01", catalogue.Listed, catalogue.ThirdParty, catalogue.Read, "SAMR-2020-18"},
		{"0708", "2024-09-26", catalogue.Listed, catalogue.ThirdParty, catalogue.Carried, "SAMR-2024-routes"},
		{"0799", "2024-09-26", catalogue.NotListed, "", "", ""},
		{"0914", "2023-07-31", catalogue.NotListed, "", "", ""},
		{"0914", "2023-08-01", catalogue.Listed, catalogue.ThirdParty, catalogue.Read, "SAMR-2023-added"},
		{"0501", "2022-05-05", catalogue.Listed, catalogue.DeclarationA, catalogue.Read, "SAMR-2020-18"},
		{"0301", "2022-05-05", catalogue.Listed, catalogue.DeclarationB, catalogue.Read, "SAMR-2020-18"},
		{"0305", "2023-12-31", catalogue.Listed, catalogue.DeclarationB, catalogue.Carried, "SAMR-2023-revision"},
		{"0305", "2024-01-01", catalogue.Listed, catalogue.RouteUnknown, catalogue.Carried, "SAMR-2024-routes"},
	} {
		p, answer := catalogue.Lookup(c.class, c.day)
		require.Equal(t, c.answer, answer, "%s %s", c.class, c.day)
		require.Equal(t, []string{string(c.route), string(c.basis), c.edition}, []string{string(p.Route), string(p.Basis), p.Edition.ID}, "%s %s", c.class, c.day)
	}
	require.Equal(t, "2024-08-01", catalogue.Day(time.Date(2024, 7, 31, 16, 0, 0, 0, time.UTC)))
}

func TestLookup_agreesWithTheFactsCollected(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../../shared/data/ccc/ccc-catalogue-2020-18.json")
	if err != nil {
		t.Skip("the test data of the field is not here: ", err)
	}
	var facts struct {
		Categories []struct {
			Products []struct {
				Codes           []string
				ZH              string
				SelfDeclaration string
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &facts))
	kinds := 0
	for _, c := range facts.Categories {
		for _, p := range c.Products {
			kinds++
			for _, code := range p.Codes {
				got, answer := catalogue.Lookup(code, "2021-01-01")
				require.Equal(t, catalogue.Listed, answer, code)
				require.Equal(t, p.ZH, got.Name)
				want := catalogue.ThirdParty
				if p.SelfDeclaration != "" {
					want = catalogue.Route(p.SelfDeclaration)
				}
				require.Equal(t, want, got.Route, code)
			}
		}
	}
	require.Equal(t, 103, kinds)
}
