package client_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/internal/fault"
	"accord/signing"
)

// script is a server that plays answers in turn, the last one for ever, and
// keeps what it was sent.
type script struct {
	t       *testing.T
	answers []http.HandlerFunc

	mu     sync.Mutex
	seen   []seen          // guarded by mu
	waited []time.Duration // guarded by mu
}

// seen is one request as it arrived.
type seen struct {
	method, uri, body string
	header            http.Header
}

// play starts the server and returns a client of it that does not really wait
// between tries.
func play(t *testing.T, who *client.Identity, h *http.Client, answers ...http.HandlerFunc) (*client.Client, *script) {
	t.Helper()
	s := &script{t: t, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, "", who, h)
	require.NoError(t, err)
	c.SetSleep(func(ctx context.Context, d time.Duration) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waited = append(s.waited, d)
		return ctx.Err()
	})
	return c, s
}

// ServeHTTP plays the next answer.
func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	assert.NoError(s.t, err)
	s.mu.Lock()
	n := len(s.seen)
	s.seen = append(s.seen, seen{r.Method, r.URL.RequestURI(), string(body), r.Header.Clone()})
	s.mu.Unlock()
	s.answers[min(n, len(s.answers)-1)](w, r)
}

// requests returns what arrived so far.
func (s *script) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.seen...)
}

func (s *script) waits() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Duration(nil), s.waited...)
}

// answer is an answer with a body; headers are name, value, name, value…
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hungUp closes the connection without an answer.
func hungUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// broken closes the connection in the middle of an answer.
func broken(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `{"half":`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

const busy = `{"type":"urn:accord:error:http.unavailable","title":"t","status":503,"code":"http.unavailable","retryable":true,"detail":"not now"}`

// accepted is what a gateway answers to a submission.
const accepted = `{"id":"att_x","revision":1,"content":"sha-256:00","index":7,"receipt":{"ver":1},"warnings":[]}`

func wantCode(t *testing.T, want fault.Code, err error) {
	t.Helper()
	require.Error(t, err)
	assert.Equal(t, want, fault.CodeOf(err), err)
}

func identity(t *testing.T) *client.Identity {
	t.Helper()
	key, err := signing.GenerateSigner(signing.ES256, signing.UseAuth)
	require.NoError(t, err)
	return &client.Identity{Issuer: "urn:accord:partner:cn-example-cb", Key: key}
}

func TestNew_refusesWhatIsNoURL(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "example.org", "ftp://example.org", "http://", "://x"} {
		_, err := client.New(base, "", nil, nil)
		wantCode(t, fault.SchemaFormat, err)
	}
	c, err := client.New("https://example.org/", "", nil, nil)
	require.NoError(t, err)
	assert.Equal(t, "https://example.org", c.Base())
}

func TestClient_readsProblemDocuments(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(422, `{
		"type": "urn:accord:error:schema.format", "title": "value does not match its pattern", "status": 200,
		"detail": "two things are wrong", "instance": "/v1/attestations", "code": "schema.format", "retryable": false,
		"errors": [{"pointer": "/a", "code": "schema.format", "detail": "no date"}, {"xpath": "/at:A[1]", "code": "schema.length", "detail": "too long"}]}`,
		"Content-Type", "application/problem+json"))
	_, err := c.Submit(t.Context(), []byte("e30.e30.e30"), "application/jose", "")
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, &client.Problem{
		Type: "urn:accord:error:schema.format", Title: "value does not match its pattern", Status: 422, // that of the answer
		Detail: "two things are wrong", Instance: "/v1/attestations", Code: fault.SchemaFormat,
		Errors: []client.ProblemError{{Pointer: "/a", Code: "schema.format", Detail: "no date"}, {XPath: "/at:A[1]", Code: "schema.length", Detail: "too long"}},
	}, p)
	assert.Equal(t, "422 schema.format: two things are wrong", p.Error())
	assert.Len(t, s.requests(), 1)
}

func TestClient_readsWhatElseAProblemSays(t *testing.T) {
	t.Parallel()
	c, _ := play(t, nil, nil, answer(410, `{"code":"cursor.expired","title":"start again","status":410,"resync":"/v1/changes"}`),
		answer(406, `{"code":"http.not_acceptable","title":"t","status":406,"available":["application/json"]}`))
	_, err := c.Changes(t.Context(), client.FeedQuery{Cursor: "old"})
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, "/v1/changes", p.Resync)
	assert.Equal(t, "410 cursor.expired: start again", p.Error())
	_, err = c.Document(t.Context(), "att_x", "application/jose")
	require.ErrorAs(t, err, &p)
	assert.Equal(t, []string{"application/json"}, p.Available)
}

// A proxy or another server answers in its own words.
func TestClient_givesAnswersWithoutProblemDocumentACode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		code   fault.Code
		tries  int
	}{
		{404, "<html>not here</html>", fault.Internal, 1},
		{400, `{"error":"bad"}`, fault.Internal, 1},
		{500, "", fault.Internal, 1},
		{429, "slow down", fault.HTTPRateLimited, client.MaxTries},
		{502, "<html>bad gateway</html>", fault.HTTPUnavailable, client.MaxTries},
		{504, "", fault.HTTPUnavailable, client.MaxTries},
	} {
		c, s := play(t, nil, nil, answer(test.status, test.body))
		_, err := c.Document(t.Context(), "att_x", "")
		var p *client.Problem
		require.ErrorAs(t, err, &p, test.status)
		assert.Equal(t, test.status, p.Status)
		assert.Equal(t, test.code, p.Code, test.status)
		assert.Equal(t, test.tries > 1, p.Retryable, test.status)
		assert.NotContains(t, p.Error(), "html")
		assert.Len(t, s.requests(), test.tries, test.status)
	}
}

func TestClient_sendsTheSameBytesAgainAfterRetryAfter(t *testing.T) {
	t.Parallel()
	c, s := play(t, identity(t), nil, answer(503, busy, "Retry-After", "2"), answer(503, busy), answer(429, busy, "Retry-After", "7"), answer(201, accepted))
	body := []byte("e30.cGF5bG9hZA.c2ln")
	acc, err := c.Submit(t.Context(), body, "application/jose", "", "NZ", "AU")
	require.NoError(t, err)
	assert.Equal(t, &client.Accepted{ID: "att_x", Revision: 1, Content: "sha-256:00", Index: 7, Receipt: []byte(`{"ver":1}`), Warnings: []client.Warning{}}, acc)

	requests := s.requests()
	require.Len(t, requests, 4)
	for _, r := range requests {
		assert.Equal(t, "POST", r.method)
		assert.Equal(t, "/v1/attestations?destination=NZ&destination=AU", r.uri)
		assert.Equal(t, string(body), r.body)
		assert.Equal(t, "application/jose", r.header.Get("Content-Type"))
	}
	waits := s.waits()
	require.Len(t, waits, 3)
	assert.Equal(t, 2*time.Second, waits[0])
	assert.Less(t, waits[1], time.Second)
	assert.Equal(t, 7*time.Second, waits[2])
}

func TestClient_givesUpAfterSomeTries(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(503, busy))
	_, err := c.Document(t.Context(), "att_x", "")
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, fault.HTTPUnavailable, p.Code)
	assert.True(t, p.Retryable)
	assert.Len(t, s.requests(), client.MaxTries)
	waits := s.waits()
	assert.Greater(t, waits[3], waits[0]/4, "the waits grow, with jitter")
}

// A log that is forked or sealed does not mend itself.
func TestClient_leavesAForkToTheOperator(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(503, `{"code":"ledger.fork","status":503,"retryable":true,"title":"t"}`, "Retry-After", "2"))
	_, err := c.Document(t.Context(), "att_x", "")
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, fault.LedgerFork, p.Code)
	assert.Len(t, s.requests(), 1)
}

// Who is told to come back in an hour does not wait for it.
func TestClient_doesNotWaitForALongRetryAfter(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(503, busy, "Retry-After", "3600"))
	_, err := c.Document(t.Context(), "att_x", "")
	require.Error(t, err)
	assert.Len(t, s.requests(), 1)
	assert.Empty(t, s.waits())
}

func TestClient_neverRepeatsARefusal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 406, 408, 409, 410, 413, 415, 422, 431} {
		c, s := play(t, identity(t), nil, answer(status, `{"code":"schema.format","status":1,"retryable":true}`, "Retry-After", "1"))
		_, err := c.Submit(t.Context(), []byte("e30.e30.e30"), "application/jose", "")
		require.Error(t, err, status)
		assert.Len(t, s.requests(), 1, status)
	}
}

func TestClient_repeatsOverALostConnection(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, hungUp, broken, answer(200, `{"whole":true}`))
	res, err := c.Get(t.Context(), "/x", nil, "")
	require.NoError(t, err)
	assert.Equal(t, `{"whole":true}`, string(res.Body))
	assert.Len(t, s.requests(), 3)

	c, s = play(t, nil, nil, broken)
	_, err = c.Get(t.Context(), "/x", nil, "")
	wantCode(t, fault.HTTPUnavailable, err)
	assert.ErrorContains(t, err, "broke off")
	assert.Len(t, s.requests(), client.MaxTries)
}

// A signed decision is an entry of its own: asking twice would archive two.
func TestClient_repeatsASignedEvaluationOnlyBeforeItIsBegun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first http.HandlerFunc
		tries int
	}{
		"lost":         {broken, 1},
		"hung up":      {hungUp, 1},
		"unavailable":  {answer(503, busy), 1},
		"rate limited": {answer(429, busy), 2},
	} {
		c, s := play(t, nil, nil, test.first, answer(200, "e30.e30.e30"))
		_, err := c.Evaluate(t.Context(), map[string]string{}, true)
		assert.Equal(t, test.tries == 1, err != nil, name)
		assert.Len(t, s.requests(), test.tries, name)
		assert.Equal(t, "application/jose", s.requests()[0].header.Get("Accept"))
	}
	c, s := play(t, nil, nil, broken, answer(200, "{}"))
	_, err := c.Evaluate(t.Context(), map[string]string{}, false)
	require.NoError(t, err)
	assert.Len(t, s.requests(), 2)
}

func TestClient_namesAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	c, err := client.New(url, "", nil, nil)
	require.NoError(t, err)
	tries := 0
	c.SetSleep(func(context.Context, time.Duration) error { tries++; return nil })
	_, err = c.Evaluate(t.Context(), map[string]string{}, true)
	wantCode(t, fault.HTTPUnavailable, err)
	assert.ErrorContains(t, err, url)
	assert.Equal(t, client.MaxTries-1, tries, "nothing was sent, so even what is done once may be tried again")
}

func TestClient_takesATimeoutOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	c, s := play(t, nil, &http.Client{Timeout: 50 * time.Millisecond}, func(http.ResponseWriter, *http.Request) { <-release })
	_, err := c.Document(t.Context(), "att_x", "")
	wantCode(t, fault.HTTPUnavailable, err)
	assert.ErrorContains(t, err, "within 50ms")
	assert.Len(t, s.requests(), 1, "the whole of its time was used up")
}

func TestClient_endsWithItsContext(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	c, s := play(t, nil, nil, func(http.ResponseWriter, *http.Request) { cancel(); <-release })
	_, err := c.Document(ctx, "att_x", "")
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, s.requests(), 1)

	// Between two tries too; then what the gateway said is the error.
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	server := httptest.NewServer(answer(503, busy, "Retry-After", "20"))
	defer server.Close()
	real, err := client.New(server.URL, "", nil, nil)
	require.NoError(t, err)
	_, err = real.Document(ctx, "att_x", "")
	var p *client.Problem
	require.ErrorAs(t, err, &p)
}

func TestClient_refusesAnOversizedAnswer(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(200, "0123456789"), answer(200, "0123456789a"))
	c.SetMaxAnswer(10)
	res, err := c.Get(t.Context(), "/x", nil, "")
	require.NoError(t, err)
	assert.Len(t, res.Body, 10)
	_, err = c.Get(t.Context(), "/x", nil, "")
	wantCode(t, fault.HTTPBodyTooLarge, err)
	assert.Len(t, s.requests(), 2)
}

// A token is for one gateway; who redirects is not the one that was named.
func TestClient_followsNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, h := range []*http.Client{nil, {}} {
			c, s := play(t, identity(t), h, answer(status, "", "Location", elsewhere.URL+"/v1/attestations"))
			_, err := c.Submit(t.Context(), []byte("e30.e30.e30"), "application/jose", "")
			wantCode(t, fault.HTTPUnavailable, err)
			assert.ErrorContains(t, err, elsewhere.URL)
			assert.Len(t, s.requests(), 1)
		}
		c, _ := play(t, identity(t), nil, answer(status, "", "Location", elsewhere.URL))
		wantCode(t, fault.HTTPUnavailable, c.Batch(t.Context(), "", [][]byte{[]byte("{}")}, func(client.LineResult) error { return nil }))
	}
}

func TestClient_leavesTheCallersHTTPClientAlone(t *testing.T) {
	t.Parallel()
	h := &http.Client{}
	_, err := client.New("http://127.0.0.1:1", "", nil, h)
	require.NoError(t, err)
	assert.Nil(t, h.CheckRedirect)
}

func TestClient_refusesACertificateOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(answer(200, "{}"))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c, err := client.New(server.URL, "", nil, nil)
	require.NoError(t, err)
	c.SetSleep(func(context.Context, time.Duration) error { return errors.New("no second try helps") })
	_, err = c.Get(t.Context(), "/x", nil, "")
	wantCode(t, fault.HTTPUnavailable, err)
	assert.ErrorContains(t, err, "certificate")
}
