package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/configs/agreements"
	"accord/evidence"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
	"accord/storage"
)

// The cast of the demo.
const (
	demoBody      = attestation.PartnerID("cn-nanxing-cb")
	demoCN        = attestation.PartnerID("cn-authority")
	demoNZ        = attestation.PartnerID("nz-authority")
	demoAgreement = attestation.AgreementID("cn-nz-eeemra-2008")
	demoScope     = "cn-to-nz-certification"
)

// demoGateway is one of the two gateways, with the calls of its operator.
type demoGateway struct {
	home     home
	issuer   string
	log      evidence.Log
	operator *client.Client
	archive  *storage.Archive // while it is up
	stop     func() error     // nil while it is down
}

// newDemoGateway makes the home of an authority on a free port of this machine.
func newDemoGateway(e *env, h home, code economy, name string) (*demoGateway, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	g := &demoGateway{home: h, issuer: "http://" + addr}
	quiet := silent(e)
	quiet.home = string(h)
	if err := (&initCmd{Authority: code, Name: name, URL: httpURL(g.issuer)}).Run(quiet); err != nil {
		return nil, err
	}
	return g, g.identify()
}

// freeAddress finds a port of this machine that nobody listens on. It stays free
// while the gateway is down, so it is taken from below the range that systems
// give to outgoing connections.
func freeAddress() (string, error) {
	const low, count, tries = 20000, 12000, 50
	var err error
	for range tries {
		addr := fmt.Sprintf("127.0.0.1:%d", low+rand.IntN(count))
		var l net.Listener
		if l, err = net.Listen("tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", fmt.Errorf("find a free port: %w", err)
}

// identify reads who the gateway is: the key of its log, and its operator.
func (g *demoGateway) identify() error {
	p, err := g.home.partner()
	if err != nil {
		return err
	}
	vkeys, err := ledger.NewVKeys(p.Trust.VKeys...)
	if err != nil {
		return err
	}
	doc, err := g.home.key(signing.UseDoc)
	if err != nil {
		return err
	}
	g.log = evidence.Log{Issuer: g.issuer, Origin: vkeys.Origin(), Keys: []*signing.Key{doc.Key()}}
	for _, v := range p.Trust.VKeys {
		g.log.VKeys = append(g.log.VKeys, evidence.VKey{VKey: v})
	}
	who, err := g.home.identity(true)
	if err != nil {
		return err
	}
	g.operator, err = client.New(g.issuer, g.issuer, who, nil)
	return err
}

// keys returns the keys of the gateway's log.
func (g *demoGateway) keys() (*ledger.VKeys, error) {
	return ledger.NewVKeys(g.log.VKeys[0].VKey)
}

// start opens the archive and serves it until stop is called.
func (g *demoGateway) start(ctx context.Context) error {
	a, err := NewApp(ctx, g.home, "", slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	g.archive = a.archive
	running, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- a.Run(running) }()
	g.stop = func() error {
		g.stop, g.archive = nil, nil
		cancel()
		return errors.Join(<-done, a.Close())
	}
	return nil
}

// down stops the gateway if it runs.
func (g *demoGateway) down() error {
	if g == nil || g.stop == nil {
		return nil
	}
	return g.stop()
}

// register signs a change of the registry with the operator key and posts it.
func (g *demoGateway) register(ctx context.Context, collection string, kind partners.TargetKind, id string, value any) error {
	c, err := partners.NewChange(g.issuer, partners.Target{Kind: kind, ID: id}, value, epoch, nil)
	if err != nil {
		return err
	}
	payload, err := c.Payload()
	if err != nil {
		return err
	}
	key, err := g.home.key(signing.UseOperator)
	if err != nil {
		return err
	}
	jws, err := key.Sign(payload, signing.Header{Typ: signing.TypRegistry, IssuedAt: time.Now()})
	if err != nil {
		return err
	}
	if _, err := g.operator.Register(ctx, collection, jws); err != nil {
		return fmt.Errorf("register %s %s: %w", kind, id, err)
	}
	return nil
}

// populate tells a gateway of the others, of the agreement and of the
// designation, each by a change signed by its operator.
func (g *demoGateway) populate(ctx context.Context, others ...home) error {
	for _, h := range others {
		p, err := h.partner()
		if err != nil {
			return err
		}
		if err := g.register(ctx, "partners", partners.TargetPartner, string(p.ID), p); err != nil {
			return err
		}
	}
	seed, err := agreements.Get(string(demoAgreement))
	if err != nil {
		return err
	}
	a, err := partners.ParseAgreement(seed.Agreement)
	if err != nil {
		return err
	}
	if err := g.register(ctx, "agreements", partners.TargetAgreement, string(a.ID), a); err != nil {
		return err
	}
	d := &partners.Designation{
		ID: "nanxing-eeemra", Body: demoBody, Agreement: demoAgreement, Activities: []string{"certification"}, Basis: "designation", DesignatedBy: demoCN,
		Periods: []partners.StatusSpan{{Span: partners.Span{From: time.Date(2009, 6, 1, 0, 0, 0, 0, time.UTC)}, Status: partners.StatusActive}},
	}
	return g.register(ctx, "designations", partners.TargetDesignation, d.ID, d)
}

// caller returns a client of the gateway that speaks for the partner of a home.
func (g *demoGateway) caller(h home) (*client.Client, error) {
	who, err := h.identity(false)
	if err != nil {
		return nil, err
	}
	return client.New(g.issuer, g.issuer, who, nil)
}

// newDemoBody makes the keys of the certification body and its record.
func newDemoBody(e *env, h home) error {
	quiet := silent(e)
	quiet.home = string(h)
	return (&initCmd{
		Partner: partnerID(demoBody), Name: "Nanxing Product Certification Centre", Economy: "CN", Kind: string(partners.CertificationBody),
		Identify: []identifierFlag{
			{Scheme: "cn.cnca.approval", Value: "CNCA-R-2003-998"}, {Scheme: "did", Value: "did:web:nanxing.example"}, {Scheme: "cn.cnca.bodycode", Value: "99"},
		},
	}).Run(quiet)
}

// silent is an environment that says nothing.
func silent(e *env) *env {
	quiet := *e
	quiet.stdout, quiet.stderr = nowhere{}, nowhere{}
	return &quiet
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// save writes a file of the demo.
func (s *story) save(name string, content []byte) error {
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}

// indented is for people.
func indented(raw []byte) []byte {
	var v json.RawMessage = raw
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return raw
	}
	return append(out, '\n')
}
