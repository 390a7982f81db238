package main

import (
	"cmp"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
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
	"accord/storage"
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
	URL       httpURL          `help:"URL of the gateway: its issuer; the log's origin is made of it. Default is http://127.0.0.1:8080." placeholder:"URL"`
	Listen    hostPort         `help:"Address to listen on; default is host and port of the URL." placeholder:"ADDR"`

	Archive           string `help:"Where the archive is: local:DIR (from the home; default), mongodb://USER@HOSTS/DATABASE?replicaSet=NAME without a password, or file:PATH or env:NAME of such a string." placeholder:"URI"`
	ArchivePassword   string `help:"Password of USER: file:PATH or env:NAME." placeholder:"REF"`
	ArchiveUnverified bool   `help:"Accept a server that does not tell whether it is safe."`

	Join bool   `help:"A further gateway on the ledger of another one (with --keys): the archive is in MongoDB and there already."`
	Keys string `help:"With --join: home of a gateway of the ledger, or a copy of its accord.yaml, partner.json, memory, keys and pki." placeholder:"DIR"`
}

// Help shows examples.
func (initCmd) Help() string {
	return help{
		about: "A gateway's home has its configuration in accord.yaml. A home holds private keys: keep it, and do not share it; partner.json is what others are given.\n\nGateways on one ledger have the same issuer, keys of the log, of cursors, of documents and of operators: a gateway that joins takes them over from --keys, but for the private keys of the operator and of the development CA. It is refused unless they are those that the database names, and the log has all that the other one signed. Each gateway keeps a memory of its own.",
		json:  "{home, partner, record, issuer?, origin?, vkey?}",
		examples: []string{
			"accord init --home ./nz --authority NZ --name \"NZ authority\" --url http://127.0.0.1:8082",
			"accord init --home ./cb --partner cn-example-cb --identifier cn.cnca.approval=CNCA-R-2002-999",
			"accord init --home ./cn --authority CN --archive \"mongodb://accord@db1,db2,db3/accord?replicaSet=rs0\" --archive-password file:password",
			"accord init --home ./cn-2 --join --keys ./cn --listen 127.0.0.1:8083",
		},
	}.String()
}

// Run makes the home.
func (c *initCmd) Run(e *env) error {
	if c.Join != (c.Keys != "") {
		return usageError("--join and --keys DIR go together: the keys of a ledger that several gateways share come from one of them")
	}
	switch {
	case c.Join && c.Partner != "":
		return usageError("--join is for a gateway")
	case c.Join:
		return c.join(e, home(e.home), home(c.Keys))
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

// defaultURL is that of a gateway for trying things out.
const defaultURL = "http://127.0.0.1:8080"

// gateway makes the home of a gateway: configuration, keys, PKI, archive, and
// its own authority as the first registry entry.
func (c *initCmd) gateway(e *env, h home) error {
	u, err := url.Parse(cmp.Or(string(c.URL), defaultURL))
	if err != nil {
		return usageError("--url: " + err.Error())
	}
	at, err := c.archive(h)
	if err != nil {
		return err
	}
	if c.Name == "" {
		c.Name = "Authority of " + string(c.Authority)
	}
	if c.ID == "" {
		c.ID = partnerID(strings.ToLower(string(c.Authority)) + "-authority")
	}
	ground, err := reach(e.ctx, h, at, originOf(u))
	if err != nil {
		return err
	}
	err = c.build(e, h, u, ground)
	return errors.Join(err, ground.close())
}

// originOf is the origin of the log of a gateway: it is made of its URL once and
// never changes.
func originOf(u *url.URL) string { return u.Host + "/v1/ledger" }

// archive reads the flags that say where the archive is.
func (c *initCmd) archive(h home) (archiveFlags, error) {
	at, err := archiveFlags{c.Archive, c.ArchivePassword, c.ArchiveUnverified, "archive"}.absolute()
	if err == nil {
		at, err = at.fromEnvironment()
	}
	return at, err
}

// build makes everything of a gateway on the ground that was found for it.
func (c *initCmd) build(e *env, h home, u *url.URL, at *ground) error {
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
	issuer := strings.TrimRight(u.String(), "/")
	p := &partners.Partner{ID: attestation.PartnerID(c.ID), Kind: partners.DesignatingAuthority, Economies: []attestation.Economy{attestation.Economy(c.Authority)}, Relay: true}
	origin := originOf(u)
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
	if err := c.writeConfig(h, u, issuer, origin, operator, at.flags); err != nil {
		return err
	}
	if err := c.createArchive(e, h, note, at); err != nil {
		return err
	}
	if err := c.firstEntry(e.ctx, h, p, operator); err != nil {
		return err
	}
	e.notef("accord: run it with `accord serve --home %s`\n", h)
	return c.done(e, gatewayResult(h, string(c.ID), issuer, origin, note))
}

func gatewayResult(h home, id, issuer, origin string, note *ledger.NoteSigner) map[string]string {
	return map[string]string{"home": string(h), "partner": id, "issuer": issuer, "origin": origin, "vkey": note.VKey(), "record": h.path("partner.json")}
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

func (c *initCmd) writeConfig(h home, u *url.URL, issuer, origin string, operator *signing.Signer, at archiveFlags) error {
	host := u.Host
	if u.Port() == "" {
		port := "80"
		if u.Scheme == "https" {
			port = "443"
		}
		host = net.JoinHostPort(u.Hostname(), port)
	}
	f := configs.File{
		Issuer: issuer, Listen: cmp.Or(string(c.Listen), host), OpsListen: opsListen, Authority: string(c.ID), Economy: string(c.Authority), Name: c.Name,
		Ledger:    configs.FileLedger{Origin: origin, Prefix: issuer + "/v1/ledger"},
		Operators: configs.FileOperators{Keys: []json.RawMessage{operator.Key().JWK()}, Approvals: 1},
	}
	if u.Scheme == "https" {
		f.TLS = &configs.FileTLS{Cert: "pki/server.pem", Key: "file:pki/server-key.pem"}
	}
	text, err := f.YAML()
	if err != nil {
		return err
	}
	return writeNew(h.path("accord.yaml"), withKeys(text, at.keys()))
}

// createArchive makes an empty archive where the configuration says, and the
// memory of its signer.
func (c *initCmd) createArchive(e *env, h home, note *ledger.NoteSigner, at *ground) error {
	cfg, err := h.config()
	if err != nil {
		return err
	}
	id, err := h.ledgerIdentity(cfg, note)
	if err != nil {
		return err
	}
	if err := at.create(e.ctx, cfg.Archive(), id); err != nil {
		return at.undo(e, h, err)
	}
	memory, err := ledger.CreateMemory(h.path("memory"), cfg.Origin())
	if err != nil {
		return err
	}
	return memory.Close()
}

// firstEntry registers the authority itself.
func (c *initCmd) firstEntry(ctx context.Context, h home, p *partners.Partner, operator *signing.Signer) error {
	cfg, err := h.config()
	if err != nil {
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
		return errors.Join(err, archive.Close())
	}
	if err := registerSelf(ctx, cfg, archive, conf, p, operator); err != nil {
		return errors.Join(err, archive.Close())
	}
	return archive.Close()
}

// registerSelf appends the record of the authority, signed by the operator.
func registerSelf(ctx context.Context, cfg *configs.Config, archive *storage.Archive, conf gateway.Config, p *partners.Partner, operator *signing.Signer) error {
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
		return fault.Wrap(err, fault.CodeOf(err), "the authority could not be registered: "+fault.All(err)[0].Detail+"; the home and its archive are made: serve it, and run `accord partner add` with its partner.json")
	}
	return nil
}
