package api_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/native"
)

// A view that is read again comes from a cache: it must be what would be
// written anew, and change as soon as the status does.
func TestView_isOfThePresent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := fixture(t, func(s *attestation.Submission) {
		numbered("000901")(s)
		s.Dates.Expires = &attestation.DateV{Value: time.Now().AddDate(0, 1, 0).Format("2006-01-02"), Zone: "+08:00"}
	})
	acc, err := w.as(&w.cb).Submit(context.Background(), w.cb.sign(t, sub), "application/jose", "", "NZ")
	require.NoError(t, err)
	path := "/v1/attestations/" + acc.ID
	read := func(accept string, want attestation.Status) {
		t.Helper()
		w.advance(50 * time.Millisecond)
		_, body := w.do(t, ask{method: "GET", path: path, token: w.token(w.nz), accept: accept, want: 200})
		decode := native.DecodeViewJSON
		if accept == "application/xml" {
			decode = native.DecodeViewXML
		}
		view, err := decode(body)
		require.NoError(t, err)
		assert.Equal(t, want, view.Status.Effective)
		_, anew := w.do(t, ask{method: "GET", path: path + "?at=" + url.QueryEscape(view.Status.At), token: w.token(w.nz), accept: accept, want: 200})
		assert.Equal(t, string(anew), string(body), "as it would be written for that time")
	}
	for range 3 {
		read("application/json", attestation.Valid)
		read("application/xml", attestation.Valid)
	}
	w.setStatus(t, w.as(&w.cb), acc.ID, attestation.EventSuspend)
	for range 3 {
		read("application/json", attestation.Suspended)
	}
	w.setStatus(t, w.as(&w.cb), acc.ID, attestation.EventRestore)
	for range 3 {
		read("application/json", attestation.Valid)
	}
	w.advance(40 * 24 * time.Hour)
	for range 3 {
		read("application/json", attestation.Expired)
	}
	w.advance(-39 * 24 * time.Hour) // a clock that was wrong
	for range 3 {
		read("application/json", attestation.Valid)
	}
}

// Who may not see a document does not see it because somebody else has read it.
func TestView_isOfTheCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	outside := w.outsider(t)
	acc, err := w.as(&w.cb).Submit(context.Background(), w.cb.sign(t, fixture(t, numbered("000902"))), "application/jose", "", "NZ")
	require.NoError(t, err)
	for range 3 {
		w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID, token: w.token(w.nz), want: 200})
		w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID, token: w.token(outside), want: 404})
	}
}
