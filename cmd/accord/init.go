package main

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/configs"
	"accord/gateway"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
	"accord/storage/local"
)

// initCmd makes a home: of a gateway, or of a body without one.
type initCmd struct {
	Authority economy          `help:"Economy of the authority that runs the gateway (CN, NZ, …)." xor:"who" placeholder:"ECONOMY"`
	Partner   partnerID        `help:"Instead: make the keys and the record of a body without a gateway, with this partner id." xor:"who" placeholder:"ID"`
	ID        partnerID        `help:"Partner id of the authority; default is the economy and -authority, as cn-authority." placeholder:"ID"`
	Name      string           `help:"Name for people." placeholder:"TEXT"`
	Economy   economy          `help:"Economy of the body (with --partner)." default:"CN"`
	Kind      string           `help:"Kind of the body (with --partner): accreditationBody, certificationBody, regulator, schemeOwner, designatingAuthority or lab." default:"certificationBody" enum:"accreditationBody,certificationBody,regulator,schemeOwner,designatingAuthority,lab"`
	Identify  []identifierFlag `name:"identifier" help:"Identifier of the body (with --partner), as scheme=value; repeatable." placeholder:"SCHEME=VALUE" sep:"none"`
	URL       httpURL          `help:"URL of the gateway: its issuer; the log's origin is made of it." default:"http://127.0.0.1:8080"`
	Archive   string           `help:"Where the archive is: local:DIR. Default is the home." placeholder:"URI"`
}

// Help shows examples.
func (initCmd) Help() string {
	return help{
		about: "A gateway's home has its configuration in accord.yaml. A home holds private keys: keep it, and do not share it; partner.json is what others are given.",
		json:  "{home, partner, record, issuer?, origin?, vkey?}",
		examples: []string{
			"accord init --home ./nz --authority NZ --name \"NZ authority\" --url http://127.0.0.1:8082",
			"accord init --home ./cb --partner cn-example-cb --identifier cn.cnca.approval=CNCA-R-2002-999",
		},
	}.String()
}

// Run makes the home.
func (c *initCmd) Run(e *env) error {
	switch {
	case c.Partner != "":
		return c.body(e, home(e.home))
	case c.Authority != "":
		return c.gateway(e, home(e.home))
	default:
		return usageError("say --authority ECONOMY for a gateway or --partner ID for a body without one")
	}
}

// epoch is when what init registers takes effect: a document signed before the
// gateway was made still has its issuer.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// body makes the keys of a partner without a gateway and its record.
func (c *initCmd) body(e *env, h home) error {
	p := &partners.Partner{ID: attestation.PartnerID(c.Partner), Kind: partners.PartnerKind(c.Kind), Economies: []attestation.Economy{attestation.Economy(c.Economy)}}
	for _, i := range c.Identify {
		p.Identifiers = append(p.Identifiers, attestation.Identifier(i))
	}
	c.describe(p)
	// Whatever is wrong is said before anything is made.
	record, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode partner record: %w", err)
	}
	if _, err := partners.ParsePartner(record); err != nil {
		return err
	}
	if err := createHome(h); err != nil {
		return err
	}
	if err := c.keysAndRecord(h, p, nil); err != nil {
		return err
	}
	e.notef("accord: keys of %s are in %s; hand over %s\n", c.Partner, h.path("keys"), h.path("partner.json"))
	return c.done(e, map[string]string{"home": string(h), "partner": string(c.Partner), "record": h.path("partner.json")})
}

// describe gives the record its name and its beginning.
func (c *initCmd) describe(p *partners.Partner) {
	name := c.Name
	if name == "" {
		name = string(p.ID)
	}
	p.Name = attestation.LText{{Lang: "en", Value: name}}
	p.Status = []partners.StatusSpan{{Span: partners.Span{From: epoch}, Status: partners.StatusActive}}
}

func (c *initCmd) done(e *env, result map[string]string) error {
	if e.format == "json" {
		return e.printJSON(result)
	}
	for _, name := range []string{"home", "partner", "issuer", "origin", "vkey", "record"} {
		if v := result[name]; v != "" {
			e.printf("%-8s %s\n", name, v)
		}
	}
	return nil
}

// keysAndRecord makes document and auth keys, the PKI of the document key, and
// writes the partner record.
func (c *initCmd) keysAndRecord(h home, p *partners.Partner, finish func(*partners.Partner, *certs.Authority) error) error {
	doc, err := h.newKey(signing.UseDoc, signing.ES256)
	if err != nil {
		return err
	}
	auth, err := h.newKey(signing.UseAuth, signing.ES256)
	if err != nil {
		return err
	}
	now := time.Now()
	ca, err := certs.NewAuthority(string(p.ID)+" development CA", now)
	if err != nil {
		return err
	}
	if err := savePKI(h, ca, p.ID, doc, now); err != nil {
		return err
	}
	c.describe(p)
	anchor := ca.Anchor("documents")
	p.Trust.Anchors = []partners.Anchor{{DER: anchor.Certificate.Raw, SHA256: anchor.SHA256, Role: anchor.Role, Span: partners.Span{From: epoch}}}
	for _, s := range []*signing.Signer{doc, auth} {
		var jwk map[string]any
		if err := json.Unmarshal(s.Key().JWK(), &jwk); err != nil {
			return fmt.Errorf("encode key: %w", err)
		}
		p.Trust.Keys = append(p.Trust.Keys, partners.Key{JWK: jwk, Use: string(s.Key().Use)})
	}
	if finish != nil {
		if err := finish(p, ca); err != nil {
			return err
		}
	}
	record, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("encode partner record: %w", err)
	}
	return writeNew(h.path("partner.json"), append(record, '\n'))
}

// savePKI makes the development PKI: the CA, the chain of the document key,
// and a TLS client certificate.
func savePKI(h home, ca *certs.Authority, id attestation.PartnerID, doc *signing.Signer, now time.Time) error {
	leaf, err := ca.IssueSigner(id, doc.Key().Public(), now)
	if err != nil {
		return err
	}
	if err := certs.SaveChain(h.path("pki", "doc-chain.pem"), leaf); err != nil {
		return err
	}
	if err := certs.SaveChain(h.path("pki", "ca.pem"), ca.Anchor("documents").Certificate); err != nil {
		return err
	}
	key, err := ca.KeyPEM()
	if err != nil {
		return err
	}
	if err := writeNew(h.path("pki", "ca-key.pem"), key); err != nil {
		return err
	}
	return issueTLS(h, "client", func(pub crypto.PublicKey) error {
		cert, err := ca.IssueClient(id, pub, now)
		if err != nil {
			return err
		}
		return certs.SaveChain(h.path("pki", "client.pem"), cert)
	})
}

// issueTLS makes a key for TLS and has it certified.
func issueTLS(h home, name string, certify func(crypto.PublicKey) error) error {
	s, err := signing.GenerateSigner(signing.ES256, signing.UseAuth)
	if err != nil {
		return err
	}
	pem, err := s.PEM()
	if err != nil {
		return err
	}
	if err := writeNew(h.path("pki", name+"-key.pem"), pem); err != nil {
		return err
	}
	return certify(s.Key().Public())
}

// gateway makes the home of a gateway: configuration, keys, PKI, archive, and
// its own authority as the first registry entry.
func (c *initCmd) gateway(e *env, h home) error {
	u, err := url.Parse(string(c.URL))
	if err != nil {
		return usageError("--url: " + err.Error())
	}
	if c.Archive != "" && !strings.HasPrefix(c.Archive, "local:") {
		return usageError("this version has the embedded archive only; leave --archive out or say local:DIR")
	}
	if c.Name == "" {
		c.Name = "Authority of " + string(c.Authority)
	}
	id := string(c.ID)
	if id == "" {
		id = strings.ToLower(string(c.Authority)) + "-authority"
	}
	if err := createHome(h); err != nil {
		return err
	}
	operator, err := h.newKey(signing.UseOperator, signing.ES256)
	if err != nil {
		return err
	}
	if _, err := h.newKey(signing.UseLog, signing.EdDSA); err != nil {
		return err
	}
	if err := writeNew(h.path("keys", "cursor.key"), randomBytes(32)); err != nil {
		return err
	}
	issuer := strings.TrimRight(string(c.URL), "/")
	p := &partners.Partner{ID: attestation.PartnerID(id), Kind: partners.DesignatingAuthority, Economies: []attestation.Economy{attestation.Economy(c.Authority)}, Relay: true}
	origin := u.Host + "/v1/ledger"
	note, err := h.makeNote(origin)
	if err != nil {
		return err
	}
	err = c.keysAndRecord(h, p, func(p *partners.Partner, ca *certs.Authority) error {
		p.Trust.Issuer, p.Trust.VKeys = issuer, []string{note.VKey()}
		p.Endpoints = []partners.Endpoint{{URL: issuer, Protocol: "accord"}}
		return issueTLS(h, "server", func(pub crypto.PublicKey) error {
			cert, err := ca.IssueServer([]string{u.Hostname(), "localhost", "127.0.0.1"}, pub, time.Now())
			if err != nil {
				return err
			}
			return certs.SaveChain(h.path("pki", "server.pem"), cert)
		})
	})
	if err != nil {
		return err
	}
	if err := c.writeConfig(h, u, id, issuer, origin, operator); err != nil {
		return err
	}
	if err := c.firstEntry(e.ctx, h, p, operator); err != nil {
		return err
	}
	e.notef("accord: run it with `accord serve --home %s`\n", h)
	return c.done(e, map[string]string{"home": string(h), "partner": id, "issuer": issuer, "origin": origin, "vkey": note.VKey(), "record": h.path("partner.json")})
}

func (h home) makeNote(origin string) (*ledger.NoteSigner, error) {
	key, err := h.logKey()
	if err != nil {
		return nil, err
	}
	return ledger.NewNoteSigner(origin, key)
}

// opsListen lets the system choose the port of metrics, so that several
// gateways fit on one machine; serve says which it is. Who scrapes it sets one.
const opsListen = "127.0.0.1:0"

func (c *initCmd) writeConfig(h home, u *url.URL, id, issuer, origin string, operator *signing.Signer) error {
	host := u.Host
	if u.Port() == "" {
		port := "80"
		if u.Scheme == "https" {
			port = "443"
		}
		host = net.JoinHostPort(u.Hostname(), port)
	}
	archive := c.Archive
	if archive == "" {
		archive = "local:archive"
	}
	f := configs.File{
		Issuer: issuer, Listen: host, OpsListen: opsListen, Authority: id, Economy: string(c.Authority), Name: c.Name,
		Ledger:    configs.FileLedger{Origin: origin, Prefix: issuer + "/v1/ledger"},
		Operators: configs.FileOperators{Keys: []json.RawMessage{operator.Key().JWK()}, Approvals: 1},
		Archive:   archive,
	}
	if u.Scheme == "https" {
		f.TLS = &configs.FileTLS{Cert: "pki/server.pem", Key: "file:pki/server-key.pem"}
	}
	text, err := f.YAML()
	if err != nil {
		return err
	}
	return writeNew(h.path("accord.yaml"), text)
}

// firstEntry makes archive and memory and registers the authority itself.
func (c *initCmd) firstEntry(ctx context.Context, h home, p *partners.Partner, operator *signing.Signer) error {
	cfg, err := h.config()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Archive().Path, 0o700); err != nil {
		return fmt.Errorf("make archive: %w", err)
	}
	if err := local.CreateJournal(cfg.Archive().Path); err != nil {
		return err
	}
	memory, err := ledger.CreateMemory(h.path("memory"), cfg.Origin())
	if err != nil {
		return err
	}
	if err := memory.Close(); err != nil {
		return err
	}
	note, err := h.noteSigner(cfg)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	archive, err := openArchive(ctx, h, cfg, note, log, func(error) {}, nil)
	if err != nil {
		return err
	}
	conf, err := gatewayConfig(h, cfg, note, log)
	if err != nil {
		return err
	}
	gw, err := gateway.New(ctx, conf, archive, nil)
	if err != nil {
		return err
	}
	change, err := partners.NewChange(cfg.Issuer(), partners.Target{Kind: partners.TargetPartner, ID: string(p.ID)}, p, epoch, nil)
	if err != nil {
		return err
	}
	payload, err := change.Payload()
	if err != nil {
		return err
	}
	jws, err := operator.Sign(payload, signing.Header{Typ: signing.TypRegistry, IssuedAt: time.Now()})
	if err != nil {
		return err
	}
	caller := gateway.Caller{Partner: p.ID, Operator: true}
	if _, err := gw.Register(ctx, caller, partners.TargetPartner, gateway.Inbound{Body: jws, Media: gateway.MediaJOSE}); err != nil {
		return fault.Wrap(err, fault.CodeOf(err), "the authority could not be registered: "+fault.All(err)[0].Detail)
	}
	return archive.Close()
}
