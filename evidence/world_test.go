package evidence_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/formats/native"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
)

// The partners and the time of these tests.
const (
	issuerURL = "https://cn.example"
	origin    = "cn.example/v1/ledger"
	authority = attestation.PartnerID("cn-samr")
	body      = attestation.PartnerID("cn-example-cb")
)

var now = time.Date(2026, 8, 1, 8, 0, 0, 0, time.UTC)

// world is a gateway with a log of three entries, the second of which is a
// document of the certification body.
type world struct {
	gateway  *signing.Signer
	issuer   *signing.Signer
	log      *ledger.NoteSigner
	document []byte // compact JWS
	payload  []byte
	record   *ledger.Record
	receipt  *evidence.Receipt
	list     *evidence.TrustList
	trusted  *evidence.Trusted
}

// sample reads a document of the external test data.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, "..", "shared", "data", "canonical-example", name))
	if err != nil {
		t.Skipf("the external test data is not there: %v", err)
	}
	return b
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newSigner(t testing.TB) *signing.Signer {
	t.Helper()
	return must[*signing.Signer](t)(signing.GenerateSigner(signing.ES256, signing.UseDoc))
}

// jwk returns the members of a public key.
func jwk(t testing.TB, k *signing.Key) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(k.JWK(), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func newWorld(t testing.TB) *world {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = 7
	w := &world{
		gateway: newSigner(t), issuer: newSigner(t),
		log: must[*ledger.NoteSigner](t)(ledger.NewNoteSigner(origin, ed25519.NewKeyFromSeed(seed))),
	}
	doc := must[*attestation.Submission](t)(native.DecodeJSON(sample(t, "ccc-vacuum.json")))
	w.payload = native.AppendJSON(nil, doc)
	w.document = must[[]byte](t)(w.issuer.Sign(w.payload, signing.Header{
		Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: now,
	}))
	w.commit(t)

	partner := &partners.Partner{
		ID: body, Kind: partners.CertificationBody, Identifiers: doc.Issuer.Identifiers,
		Trust: partners.Trust{Keys: []partners.Key{
			{JWK: jwk(t, w.issuer.Key()), Use: "doc", NotBefore: now.AddDate(-1, 0, 0), Expires: now.AddDate(0, 0, 30)},
			{JWK: jwk(t, newSigner(t).Key()), Use: "auth"},
		}},
	}
	w.list = must[*evidence.TrustList](t)(evidence.NewTrustList(issuerURL, 1, now.Add(24*time.Hour), evidence.TrustGateway{
		ID: authority, Name: attestation.LText{{Lang: "en", Value: "Example authority"}}, Origin: origin,
		VKeys: []evidence.VKey{{VKey: w.log.VKey(), From: now.AddDate(-1, 0, 0)}},
	}, []*signing.Key{w.gateway.Key()}, []*partners.Partner{partner}, noEarlier))
	w.trusted = must[*evidence.Trusted](t)(w.list.Compile())
	return w
}

// noEarlier is the trust of partners that have had one record.
func noEarlier(attestation.PartnerID) *signing.Trust { return nil }

// commit makes record and receipt of the document.
func (w *world) commit(t testing.TB) {
	t.Helper()
	salt := ledger.Secret{1}
	w.record = &ledger.Record{
		Ver: 1, Kind: ledger.KindAttestation, Dir: ledger.In, Partner: body, Type: signing.TypAttestation,
		ID: attestation.SeriesID(body, "cn.cnca.ccc", "2024990708000001", ""), Revision: 1,
		Digest: attestation.DigestOf(w.document), Content: attestation.DigestOf(w.payload),
		Received: ledger.FormatTime(now), Batch: 1, Salt: salt.String(), Subject: ledger.Secret{2}.String(),
		Audience: ledger.AudienceHash(salt, []attestation.PartnerID{body}),
	}
	w.receipt = w.receiptOf(t, w.record)
}

// receiptOf puts a record into a log of three entries.
func (w *world) receiptOf(t testing.TB, r *ledger.Record) *evidence.Receipt {
	t.Helper()
	leaf := must[ledger.Leaf](t)(r.Leaf())
	tree := ledger.NewTree(nil)
	tree.Append(ledger.LeafHash([]byte("before")), leaf.Hash(), ledger.LeafHash([]byte("after")))
	proof := ledger.Proof{
		Index:      1,
		Hashes:     must[[]ledger.Hash](t)(tree.Snapshot().Inclusion(context.Background(), 1, 3)),
		Checkpoint: must[[]byte](t)(w.log.Sign(tree.Head())),
	}
	return must[*evidence.Receipt](t)(evidence.NewReceipt(issuerURL, body, r.AppendCanonical(nil), proof.String()))
}

// doc is the document of the world as a verifier finds it.
func (w *world) doc() evidence.Document {
	return evidence.Document{Octets: w.document, MediaType: "application/jose", Decode: decode}
}

func decode(media string, payload []byte) (*attestation.Submission, error) {
	if media == "application/xml" {
		return native.DecodeXML(payload)
	}
	return native.DecodeJSON(payload)
}

func (w *world) basis() evidence.Basis {
	return evidence.Basis{Directory: w.trusted, Logs: w.trusted.Logs()}
}
