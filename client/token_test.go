package client_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/internal/fault"
	"accord/signing"
)

// claims verifies the token of a request and returns its payload.
func claims(t *testing.T, r seen, who *client.Identity) map[string]any {
	t.Helper()
	token, ok := strings.CutPrefix(r.header.Get("Authorization"), "Bearer ")
	require.True(t, ok, "no bearer token")
	msg, _, err := signing.VerifyCompact([]byte(token), signing.TypAuth, []*signing.Key{who.Key.Key()})
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(msg.Payload, &out))
	return out
}

// wire.md, "Token": exactly iss, sub, aud, iat, exp, jti, at most 300 seconds.
func TestClient_signsTokensOfWire(t *testing.T) {
	t.Parallel()
	who := identity(t)
	c, s := play(t, who, nil, answer(200, "{}"))
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c.SetClock(func() time.Time { return now })
	_, err := c.Get(t.Context(), "/x", nil, "")
	require.NoError(t, err)
	got := claims(t, s.requests()[0], who)
	assert.NotEmpty(t, got["jti"])
	delete(got, "jti")
	assert.Equal(t, map[string]any{
		"iss": who.Issuer, "sub": who.Issuer, "aud": c.Base(),
		"iat": float64(now.Unix()), "exp": float64(now.Add(300 * time.Second).Unix()),
	}, got)
}

func TestClient_usesATokenUntilShortlyBeforeItsEnd(t *testing.T) {
	t.Parallel()
	who := identity(t)
	c, s := play(t, who, nil, answer(200, "{}"))
	now := time.Now()
	c.SetClock(func() time.Time { return now })
	at := func(d time.Duration) string {
		t.Helper()
		before := now
		now = now.Add(d)
		_, err := c.Get(t.Context(), "/x", nil, "")
		require.NoError(t, err)
		now = before
		all := s.requests()
		return all[len(all)-1].header.Get("Authorization")
	}
	first := at(0)
	assert.Equal(t, first, at(client.TokenLife-client.TokenSpare-time.Second))
	second := at(client.TokenLife - client.TokenSpare)
	assert.NotEqual(t, first, second)
	// After the clock was set back the token would be one of the future.
	third := at(-time.Hour)
	assert.NotEqual(t, second, third)
	assert.InDelta(t, now.Add(-time.Hour).Unix(), claims(t, s.requests()[3], who)["iat"], 1)
}

// A token may end while a call is repeated: each try shows a good one.
func TestClient_renewsTheTokenBetweenTries(t *testing.T) {
	t.Parallel()
	who := identity(t)
	c, s := play(t, who, nil, answer(503, busy), answer(200, "{}"))
	var mu sync.Mutex
	now := time.Now()
	c.SetClock(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(client.TokenLife)
		return now
	})
	_, err := c.Get(t.Context(), "/x", nil, "")
	require.NoError(t, err)
	assert.NotEqual(t, s.requests()[0].header.Get("Authorization"), s.requests()[1].header.Get("Authorization"))
}

func TestClient_withoutIdentityShowsNoToken(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(200, "{}"))
	_, err := c.Get(t.Context(), "/x", nil, "")
	require.NoError(t, err)
	assert.NotContains(t, s.requests()[0].header, "Authorization")
}

func TestDiscover_takesTheIssuerAsAudience(t *testing.T) {
	t.Parallel()
	who := identity(t)
	c, s := play(t, who, nil, answer(200, `{"issuer":"https://gateway.example","ledger":{"vkeys":["a"]}}`))
	conf, err := c.Discover(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, conf.Ledger.VKeys)
	_, err = c.Get(t.Context(), "/x", nil, "")
	require.NoError(t, err)
	assert.Equal(t, c.Base(), claims(t, s.requests()[0], who)["aud"])
	assert.Equal(t, "https://gateway.example", claims(t, s.requests()[1], who)["aud"])
}

func TestDiscover_tellsWhatIsNoGateway(t *testing.T) {
	t.Parallel()
	for _, stranger := range []http.HandlerFunc{
		answer(200, "<html>welcome</html>"), answer(200, "{}"), answer(200, "[]"), answer(200, ""), answer(404, "<html>not here</html>"),
		answer(404, `{"code":"resource.not_found","status":404,"title":"t"}`),
	} {
		c, _ := play(t, nil, nil, stranger)
		_, err := c.Discover(t.Context())
		wantCode(t, fault.HTTPUnavailable, err)
		assert.ErrorContains(t, err, "does not answer as an Accord gateway")
	}
}

func TestTrustList_isVerifiedWithThePublishedKeys(t *testing.T) {
	t.Parallel()
	key, err := signing.GenerateSigner(signing.ES256, signing.UseDoc)
	require.NoError(t, err)
	other, err := signing.GenerateSigner(signing.ES256, signing.UseDoc)
	require.NoError(t, err)
	list, err := key.Sign([]byte(`{"ver":1}`), signing.Header{Typ: signing.TypTrust, IssuedAt: time.Now()})
	require.NoError(t, err)
	set := func(s *signing.Signer) string { return `{"keys":[` + string(s.Key().JWK()) + `]}` }

	c, s := play(t, nil, nil, answer(200, string(list)), answer(200, set(key)))
	payload, err := c.TrustList(t.Context())
	require.NoError(t, err)
	assert.Equal(t, `{"ver":1}`, string(payload))
	assert.Equal(t, []string{"/v1/trust-list", "/.well-known/jwks.json"}, []string{s.requests()[0].uri, s.requests()[1].uri})

	c, _ = play(t, nil, nil, answer(200, string(list)), answer(200, set(other)))
	_, err = c.TrustList(t.Context())
	wantCode(t, fault.JWSKeyUnknown, err)
}
