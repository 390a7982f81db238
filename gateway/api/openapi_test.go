package api_test

import (
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The document can be loaded, and names the same endpoints as the server.
func TestOpenAPI_namesEveryRoute(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	require.NoError(t, err)
	var want, got []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			got = append(got, method+" "+path)
		}
	}
	for _, r := range newWorld(t).api.Routes() {
		want = append(want, r.Method+" "+strings.Replace(r.Path, ":.*}", "}", 1))
	}
	assert.ElementsMatch(t, want, got)
	assert.NoError(t, doc.Validate(t.Context()))
}
