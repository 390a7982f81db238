package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
)

// The product class in a CCC number is held against the catalogue edition at the
// first issue (domain.md, section 7).
func TestSubmit_warnsOfAClassThatTheCatalogueDoesNotKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for class, want := range map[string]int{"0708": 0, "0799": 1} {
		sub := fixture(t, func(s *attestation.Submission) {
			s.Identifiers[0].Value = "202499" + class + "000931"
			for i := range s.Objects[0].Classifications {
				if c := &s.Objects[0].Classifications[i]; strings.HasPrefix(c.System, "cn.cnca.catalogue/") {
					c.Code = class
				}
			}
		})
		acc, err := w.as(&w.cb).Submit(t.Context(), w.cb.sign(t, sub), "application/jose", "")
		require.NoError(t, err)
		n := 0
		for _, warning := range acc.Warnings {
			if warning.Code == "doc.ccc_number" {
				require.Contains(t, warning.Detail, "catalogue at the first issue")
				n++
			}
		}
		require.Equal(t, want, n, "%s %v", class, acc.Warnings)
	}
}
