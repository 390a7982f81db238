package api_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/configs/agreements"
	"accord/evidence"
	"accord/formats/native"
	"accord/gateway"
	"accord/gateway/api"
	"accord/internal/obs"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
	"accord/storage"
	"accord/storage/local"
)

// world is a gateway over HTTP with an authority, a certification body and a
// foreign regulator, under the China–New Zealand seed agreement.
type world struct {
	setting
	t        testing.TB
	dir      string
	archive  *storage.Archive
	server   *httptest.Server
	api      *api.Server
	reg      *prometheus.Registry
	contract *contract
	offset   atomic.Int64 // of the gateway's clock from the real one, in ns
	issuer   string
	operator *signing.Signer
	doc      *signing.Signer // of the gateway
	vkey     string
	nz       body // regulator of NZ
	logKey   ed25519.PrivateKey
}

// body is a partner with its keys.
type body struct {
	id        attestation.PartnerID
	doc, auth *signing.Signer
}

func newSigner(t testing.TB, use signing.Use) *signing.Signer {
	t.Helper()
	s, err := signing.GenerateSigner(signing.ES256, use)
	require.NoError(t, err)
	return s
}

func newBody(t testing.TB, id attestation.PartnerID) body {
	return body{id: id, doc: newSigner(t, signing.UseDoc), auth: newSigner(t, signing.UseAuth)}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOf(t, newBody(t, "cn-example-cb"))
}

// newLimited is a world whose server has other limits.
func newLimited(t testing.TB, l api.Limits) *world {
	t.Helper()
	return newWorldIn(t, setting{cb: newBody(t, "cn-example-cb"), limits: l})
}

// newWorldOf is a world with a certification body that exists elsewhere too.
func newWorldOf(t testing.TB, cb body) *world {
	t.Helper()
	return newWorldIn(t, setting{cb: cb, limits: api.Limits{InFlight: 256}})
}

// setting is what a world may have of its own.
type setting struct {
	cb     body
	limits api.Limits
	record func(*partners.Partner)       // changes the record of the certification body
	wrap   func(storage.Log) storage.Log // stands before the journal
	fatal  func(error)                   // is told that the log failed; nil: the test fails
	log    io.Writer                     // for the lines of the logger, from level debug
	shared *sharedLedger                 // several gateways append to it; nil: an embedded archive
}

// now is the clock of the gateway.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

// advance moves the clock of the gateway; a negative duration turns it back.
func (w *world) advance(d time.Duration) { w.offset.Add(int64(d)) }

func newWorldIn(t testing.TB, s setting) *world {
	t.Helper()
	if s.wrap == nil {
		s.wrap = func(l storage.Log) storage.Log { return l }
	}
	if s.record == nil {
		s.record = func(*partners.Partner) {}
	}
	if s.fatal == nil {
		s.fatal = func(err error) { t.Error("fatal:", err) }
	}
	level := slog.LevelDebug
	if s.log == nil {
		s.log, level = io.Discard, slog.LevelInfo // as a gateway is by default
	}
	w := &world{
		t: t, setting: s, reg: prometheus.NewRegistry(), dir: t.TempDir(),
		operator: newSigner(t, signing.UseOperator), doc: newSigner(t, signing.UseDoc), nz: newBody(t, "nz-regulator"),
	}
	w.start(w.doc, level)
	w.populate()
	return w
}

func (w *world) start(doc *signing.Signer, level slog.Level) {
	t := w.t
	logger := obs.NewLogger(w.log, obs.FormatJSON, level)
	// The issuer has to be known before the gateway is made, so the server
	// listens before it serves.
	w.server = httptest.NewUnstartedServer(nil)
	w.issuer = "http://" + w.server.Listener.Addr().String()
	_, logKey, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	w.logKey = logKey
	gw := w.gateway(w.dir, doc, logger)
	metrics := obs.NewMetrics(w.reg)
	metrics.Ready(true)
	w.api = api.New(gw, logger, metrics, w.limits)
	w.contract = newContract(t, w.api.Routes())
	w.server.Config = api.HTTP(w.api.Handler())
	w.server.Config.Handler = w.contract.before(w.server.Config.Handler)
	w.server.Start()
	t.Cleanup(w.server.Close)
}

// gateway opens an archive in a directory, and a gateway on it, which end with
// the test.
func (w *world) gateway(dir string, doc *signing.Signer, logger *slog.Logger) *gateway.Gateway {
	t, ctx := w.t, context.Background()
	origin := strings.TrimPrefix(w.issuer, "http://") + "/v1/ledger"
	note, err := ledger.NewNoteSigner(origin, w.logKey)
	require.NoError(t, err)
	w.vkey = note.VKey()
	memory, err := ledger.CreateMemory(filepath.Join(dir, "memory"), origin)
	require.NoError(t, err)
	log, index := w.backend(dir)
	blobs, err := local.OpenBlobs(dir)
	require.NoError(t, err)
	archive, err := storage.Open(ctx, storage.Options{
		Blobs: blobs,
		Log:   w.wrap(log), Index: index, Shared: w.shared != nil, Memory: memory, Signer: note, Issuer: w.issuer, Now: w.now, Logger: logger,
		Fatal: w.fatal,
	})
	require.NoError(t, err)
	audit, err := gateway.OpenAudit(filepath.Join(dir, "audit.ndjson"))
	require.NoError(t, err)
	gw, err := gateway.New(ctx, gateway.Config{
		Issuer: w.issuer, Authority: "cn-authority", Name: "CN", Origin: origin, Prefix: w.issuer + "/v1/ledger", VKeys: []evidence.VKey{{VKey: w.vkey}},
		Operators: []*signing.Key{w.operator.Key()}, Approvals: 1, Signer: doc,
		Cursors: gateway.NewCursors(gateway.CursorKey{ID: 1, Secret: bytes.Repeat([]byte{7}, 32)}), Now: w.now, Logger: logger,
	}, archive, audit)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, archive.Close())
		require.NoError(t, audit.Close())
	})
	if w.archive == nil {
		w.archive = archive
	}
	return gw
}

// backend is where the archive of a gateway keeps its log and its views.
func (w *world) backend(dir string) (storage.Log, storage.Index) {
	if w.shared != nil {
		return &w.shared.log, &w.shared.index
	}
	dir = filepath.Join(dir, "archive")
	require.NoError(w.t, local.CreateJournal(dir))
	journal, err := local.OpenJournal(dir)
	require.NoError(w.t, err)
	index, err := local.OpenIndex(context.Background(), filepath.Join(dir, "index.sqlite"), journal)
	require.NoError(w.t, err)
	return journal, index
}

func (w *world) populate() {
	past := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	active := []partners.StatusSpan{{Span: partners.Span{From: past}, Status: "active"}}
	w.register("partners", partners.TargetPartner, "cn-authority", &partners.Partner{
		ID: "cn-authority", Name: text("CN authority"), Kind: partners.DesignatingAuthority, Economies: []attestation.Economy{"CN"},
		Status: active, Trust: partners.Trust{Issuer: w.issuer},
	})
	cb := w.partner(w.cb, partners.CertificationBody, "CN", []attestation.Identifier{
		{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-999"}, {Scheme: "did", Value: "did:web:cb.example.cn"}, {Scheme: "cn.cnca.bodycode", Value: "99"},
	})
	w.record(cb)
	w.register("partners", partners.TargetPartner, "cn-example-cb", cb)
	w.register("partners", partners.TargetPartner, "nz-regulator", w.partner(w.nz, partners.Regulator, "NZ", []attestation.Identifier{
		{Scheme: "did", Value: "did:web:regulator.example.nz"},
	}))
	seeds, err := agreements.All()
	require.NoError(w.t, err)
	for _, s := range seeds {
		a, err := partners.ParseAgreement(s.Agreement)
		require.NoError(w.t, err)
		if a.ID == "cn-nz-eeemra-2008" {
			w.register("agreements", partners.TargetAgreement, string(a.ID), a)
		}
	}
	w.register("designations", partners.TargetDesignation, "cb-ccc", &partners.Designation{
		ID: "cb-ccc", Body: "cn-example-cb", Agreement: "cn-nz-eeemra-2008", Activities: []string{"certification"}, Basis: "designation",
		DesignatedBy: "cn-authority", Periods: active,
	})
}

func text(s string) attestation.LText { return attestation.LText{{Lang: "en", Value: s}} }

// partner is the record of a body with its two keys.
func (w *world) partner(b body, kind partners.PartnerKind, economy attestation.Economy, ids []attestation.Identifier) *partners.Partner {
	p := &partners.Partner{
		ID: b.id, Name: text(string(b.id)), Kind: kind, Economies: []attestation.Economy{economy}, Identifiers: ids,
		Status: []partners.StatusSpan{{Span: partners.Span{From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, Status: "active"}},
	}
	for _, k := range []*signing.Signer{b.doc, b.auth} {
		var jwk map[string]any
		require.NoError(w.t, json.Unmarshal(k.Key().JWK(), &jwk))
		p.Trust.Keys = append(p.Trust.Keys, partners.Key{JWK: jwk, Use: string(k.Key().Use)})
	}
	return p
}

// register signs a first change of a target and posts it.
func (w *world) register(collection string, kind partners.TargetKind, id string, value any) {
	w.t.Helper()
	c, err := partners.NewChange(w.issuer, partners.Target{Kind: kind, ID: id}, value, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	require.NoError(w.t, err)
	payload, err := c.Payload()
	require.NoError(w.t, err)
	jws, err := w.operator.Sign(payload, signing.Header{Typ: signing.TypRegistry, IssuedAt: time.Now()})
	require.NoError(w.t, err)
	_, err = w.as(nil).Register(context.Background(), collection, jws)
	require.NoError(w.t, err, "%s %s", collection, id)
}

// as returns a client for a body, or for an operator when it is nil.
func (w *world) as(b *body) *client.Client {
	who := &client.Identity{Issuer: w.issuer, Key: w.operator}
	if b != nil {
		who = &client.Identity{Issuer: "urn:accord:partner:" + string(b.id), Key: b.auth}
	}
	c, err := client.New(w.server.URL, w.issuer, who, nil)
	require.NoError(w.t, err)
	return c
}

// fixture reads the certificate of the project's own fixtures and changes it.
func fixture(t testing.TB, change func(*attestation.Submission)) *attestation.Submission {
	t.Helper()
	raw, err := os.ReadFile("testdata/ccc.json")
	require.NoError(t, err)
	sub, err := native.DecodeJSON(raw)
	require.NoError(t, err)
	if change != nil {
		change(sub)
	}
	return sub
}

// numbered changes the serial of the certificate.
func numbered(serial string) func(*attestation.Submission) {
	return func(s *attestation.Submission) { s.Identifiers[0].Value = "2024990708" + serial }
}

// sign returns the document as compact JWS of a body.
func (b body) sign(t testing.TB, sub *attestation.Submission) []byte {
	t.Helper()
	jws, err := b.doc.Sign(native.AppendJSON(nil, sub), signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()})
	require.NoError(t, err)
	return jws
}
