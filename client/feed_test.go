package client_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/internal/fault"
)

const feed = `{"index":3,"kind":"attestation","id":"att_x","revision":1,"digest":"sha-256:00","received":"2026-01-01T00:00:00Z","message":"e30.e30.e30","receipt":{"ver":1}}
{"index":5,"kind":"registry","id":"agreement/a","message":"e30.e30.e31","receipt":{"ver":1}}
{"index":6,"kind":"status","id":"att_x","status":{"event":"suspend"},"message":"e30.e30.e32","receipt":{"ver":1}}
{"index":8,"kind":"attestation","id":"att_y"}
`

const mark = `{"next":"CURSOR2","highWater":"h.w.m"}` + "\n"

func TestChanges_asksFromACursorAndReturnsTheNext(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(200, feed+mark), answer(200, mark))
	page, err := c.Changes(t.Context(), client.FeedQuery{Cursor: "CURSOR1", Limit: 4, Wait: 1500 * time.Millisecond, Include: "message,receipt", Format: "native+xml"})
	require.NoError(t, err)
	require.Len(t, page.Lines, 4)
	assert.Equal(t, uint64(6), page.Lines[2].Index)
	assert.JSONEq(t, `{"event":"suspend"}`, string(page.Lines[2].Status))
	assert.Equal(t, strings.Split(feed, "\n")[0], string(page.Lines[0].Raw), "as it came")
	assert.Equal(t, "CURSOR2", page.Next)
	assert.Equal(t, "h.w.m", page.HighWater)

	page, err = c.Changes(t.Context(), client.FeedQuery{Cursor: page.Next})
	require.NoError(t, err)
	assert.Empty(t, page.Lines)

	r := s.requests()
	assert.Equal(t, "application/x-ndjson", r[0].header.Get("Accept"))
	path, query, _ := strings.Cut(r[0].uri, "?")
	assert.Equal(t, "/v1/changes", path)
	values, err := url.ParseQuery(query)
	require.NoError(t, err)
	assert.Equal(t, url.Values{"cursor": {"CURSOR1"}, "limit": {"4"}, "wait": {"2"}, "include": {"message,receipt"}, "format": {"native+xml"}}, values)
	assert.Equal(t, "/v1/changes?cursor=CURSOR2", r[1].uri)
}

// Whoever takes half a page for a whole one leaves a gap for ever.
func TestChanges_refusesAPageThatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		code fault.Code
	}{
		"empty":          {"", fault.Internal},
		"without mark":   {feed, fault.HTTPUnavailable},
		"empty mark":     {feed + `{"next":"c","highWater":""}`, fault.HTTPUnavailable},
		"after the mark": {mark + feed, fault.JSONTrailingData},
		"two marks":      {mark + mark, fault.JSONTrailingData},
		"half a line":    {feed[:40], fault.Internal},
		"no feed":        {"<html>", fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := play(t, nil, nil, answer(200, test.body))
			page, err := c.Changes(t.Context(), client.FeedQuery{})
			wantCode(t, test.code, err)
			assert.Nil(t, page)
		})
	}
}

func TestChanges_ofAnExpiredCursorIsAProblem(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(410, `{"code":"cursor.expired","status":410,"title":"start again from the resync link"}`))
	_, err := c.Changes(t.Context(), client.FeedQuery{Cursor: "old"})
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, fault.CursorExpired, p.Code)
	assert.Len(t, s.requests(), 1)
}

// Agreements and what came without its receipt stay; the mark goes last.
func TestRelay_carriesDocumentsAndStatementsAndTheMark(t *testing.T) {
	t.Parallel()
	c, _ := play(t, nil, nil, answer(200, feed+mark))
	page, err := c.Changes(t.Context(), client.FeedQuery{})
	require.NoError(t, err)
	lines, err := page.Relay()
	require.NoError(t, err)
	var got []string
	for _, l := range lines {
		got = append(got, string(l))
	}
	assert.Equal(t, []string{
		`{"message":"e30.e30.e30","receipt":{"ver":1}}`, `{"message":"e30.e30.e32","receipt":{"ver":1}}`, `{"highWater":"h.w.m"}`,
	}, got)
	var carried []uint64
	for i := range page.Lines {
		if page.Lines[i].Relayable() {
			carried = append(carried, page.Lines[i].Index)
		}
	}
	assert.Equal(t, []uint64{3, 6}, carried)
}

// results answers each line of a batch as it arrives.
func results(n int, problemAt int) http.HandlerFunc {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if i == problemAt {
			fmt.Fprintf(&b, `{"line":%d,"status":422,"problem":{"code":"schema.format","title":"t","status":422}}`+"\n", i)
		} else {
			fmt.Fprintf(&b, `{"line":%d,"status":201,"id":"att_%d","index":%d}`+"\n", i, i, i)
		}
	}
	return answer(200, b.String(), "Content-Type", "application/x-ndjson")
}

func lines(n int) [][]byte {
	var out [][]byte
	for i := range n {
		line, _ := json.Marshal(fmt.Sprint("message ", i))
		out = append(out, line)
	}
	return out
}

func TestBatch_tellsTheResultOfEachLine(t *testing.T) {
	t.Parallel()
	c, s := play(t, identity(t), nil, results(3, 2))
	var got []client.LineResult
	require.NoError(t, c.Batch(t.Context(), "cn-authority", lines(3), func(r client.LineResult) error {
		got = append(got, r)
		return nil
	}))
	require.Len(t, got, 3)
	assert.Equal(t, "att_1", got[0].ID)
	assert.Equal(t, uint64(1), *got[0].Index)
	assert.Nil(t, got[1].Index)
	assert.Equal(t, fault.SchemaFormat, got[1].Problem.Code)
	r := s.requests()[0]
	assert.Equal(t, "/v1/messages:batch?from=cn-authority", r.uri)
	assert.Equal(t, "\"message 0\"\n\"message 1\"\n\"message 2\"\n", r.body)
	assert.Equal(t, "application/x-ndjson", r.header.Get("Content-Type"))
}

func TestBatch_isRepeatedUntilTheFirstResult(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(503, busy, "Retry-After", "3"), answer(429, busy), results(2, 0))
	n := 0
	require.NoError(t, c.Batch(t.Context(), "", lines(2), func(client.LineResult) error { n++; return nil }))
	assert.Equal(t, 2, n)
	r := s.requests()
	require.Len(t, r, 3)
	assert.Equal(t, r[0].body, r[2].body)
	assert.Equal(t, 3*time.Second, s.waits()[0])
}

func TestBatch_refusedWholeIsAProblem(t *testing.T) {
	t.Parallel()
	c, s := play(t, nil, nil, answer(403, `{"code":"auth.forbidden","title":"t","status":403}`))
	err := c.Batch(t.Context(), "x", lines(1), func(client.LineResult) error { t.Error("a result"); return nil })
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, fault.AuthForbidden, p.Code)
	assert.Len(t, s.requests(), 1)
}

func TestBatch_noticesMissingResults(t *testing.T) {
	t.Parallel()
	cut := func(w http.ResponseWriter, r *http.Request) {
		results(1, 0)(w, r)
		assert.NoError(t, http.NewResponseController(w).Flush())
		panic(http.ErrAbortHandler)
	}
	for name, answer := range map[string]http.HandlerFunc{"fewer": results(2, 0), "broken off": cut} {
		c, s := play(t, nil, nil, answer)
		err := c.Batch(t.Context(), "", lines(3), func(client.LineResult) error { return nil })
		wantCode(t, fault.HTTPUnavailable, err)
		assert.ErrorContains(t, err, "send the same lines again", name)
		assert.Len(t, s.requests(), 1, name)
	}
}

func TestBatch_stopsWhereItsReaderDoes(t *testing.T) {
	t.Parallel()
	c, _ := play(t, nil, nil, results(3, 0))
	n := 0
	err := c.Batch(t.Context(), "", lines(3), func(client.LineResult) error { n++; return http.ErrServerClosed })
	require.ErrorIs(t, err, http.ErrServerClosed)
	assert.Equal(t, 1, n)
}

// The time of a call counts from one result to the next: a long batch may take
// longer, a silent one may not.
func TestBatch_waitsForEachResultOnly(t *testing.T) {
	t.Parallel()
	const timeout = 150 * time.Millisecond
	slow := func(pause time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := range 4 {
				fmt.Fprintf(w, `{"line":%d,"status":201}`+"\n", i+1)
				_ = http.NewResponseController(w).Flush()
				select {
				case <-time.After(pause):
				case <-r.Context().Done():
					return
				}
			}
		}
	}
	ignore := func(client.LineResult) error { return nil }
	c, _ := play(t, nil, &http.Client{Timeout: timeout}, slow(timeout/2))
	require.NoError(t, c.Batch(t.Context(), "", lines(4), ignore))

	c, s := play(t, nil, &http.Client{Timeout: timeout}, slow(time.Minute))
	err := c.Batch(t.Context(), "", lines(4), ignore)
	wantCode(t, fault.HTTPUnavailable, err)
	assert.ErrorContains(t, err, "within 150ms")
	assert.Len(t, s.requests(), 1)
}
