package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
)

// goneCursor has the form of one with key id 0, before all that there are.
var goneCursor = strings.Repeat("A", 87)

// A cursor of a key that is gone says where to begin again; one of a key that
// never was is forged.
func TestCursor_expiredNamesWhereToStartAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page, err := w.as(&w.cb).Changes(t.Context(), client.FeedQuery{Limit: 1})
	require.NoError(t, err)
	raw, err := base64.RawURLEncoding.DecodeString(page.Next)
	require.NoError(t, err)
	for _, c := range []struct {
		id     byte
		status int
		code   string
		resync string
	}{
		{0, http.StatusGone, "cursor.expired", "/v1/changes?include=receipt&limit=7"},
		{9, http.StatusBadRequest, "cursor.invalid", ""},
	} {
		raw[0] = c.id
		for _, wait := range []string{"", "&wait=1"} {
			status, body := w.asked(t, http.MethodGet, "/v1/changes?limit=7&include=receipt"+wait+"&cursor="+base64.RawURLEncoding.EncodeToString(raw),
				http.Header{"Authorization": {"Bearer " + w.token(w.cb)}})
			var p struct{ Code, Resync string }
			require.NoError(t, json.Unmarshal([]byte(body), &p))
			assert.Equal(t, c.status, status)
			assert.Equal(t, c.code, p.Code)
			assert.Equal(t, c.resync, p.Resync)
		}
	}
}
