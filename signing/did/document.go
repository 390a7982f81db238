package did

import (
	"strconv"
	"strings"

	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/signing"
)

// MaxDocument bounds a DID document.
const MaxDocument = 256 << 10

// maxMethods is more keys than any issuer rotates through; each costs a check.
const maxMethods = 256

// Document is what a DID document says of signing.
type Document struct {
	ID string
	// Keys may sign statements of the DID: each is listed under assertionMethod
	// and passed the rules for keys. Their KID is the URL of the method.
	Keys []*signing.Key
	// Refused are the methods under assertionMethod that are no such key, each at
	// its place with the reason.
	Refused fault.List
	// Services are the services of the subject.
	Services []Service
}

// Service is a service of the subject of a DID (DID Core 1.0, section 5.4).
type Service struct {
	ID        string
	Types     []string
	Endpoints []string // URLs
}

// TypeDIA is the type of the service that leads to a UNTP Digital Identity Anchor.
const TypeDIA = "untp:dia"

// Key returns the key of a method by its URL, nil if it is not one that may sign.
func (d *Document) Key(kid string) *signing.Key {
	for _, k := range d.Keys {
		if k.KID == kid {
			return k
		}
	}
	return nil
}

// Anchors returns the URLs of the identity anchors that the subject names.
func (d *Document) Anchors() (urls []string) {
	for _, s := range d.Services {
		for _, t := range s.Types {
			if t == TypeDIA {
				urls = append(urls, s.Endpoints...)
			}
		}
	}
	return urls
}

// Parse reads the document of a DID. One that is not of this DID, or cannot be
// read, is key.rejected; a key that may not be used does not spoil the others.
func Parse(src []byte, did string) (*Document, error) {
	r := strictjson.NewReader(src, strictjson.Limits{Depth: 16, Members: 10_000, Bytes: MaxDocument})
	p := parser{did: did, doc: &Document{}, methods: map[string]method{}}
	p.root(r)
	if err := r.Finish(); err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the DID document is not usable: "+err.Error())
	}
	if p.doc.ID != did {
		return nil, fault.At(fault.KeyRejected, "/id", "the document is that of another DID")
	}
	p.collect()
	return p.doc, nil
}

// method is a verification method as it is written.
type method struct {
	at, id, typ, controller, jwk, multibase string
}

type parser struct {
	did        string
	doc        *Document
	methods    map[string]method
	doubled    map[string]bool
	assertions []assertion
}

// assertion is an entry of assertionMethod: a reference, or a method in place.
type assertion struct {
	at, ref string
	own     *method
}

func (p *parser) root(r *strictjson.Reader) {
	if r.Kind() != strictjson.Object && r.Err() == nil {
		r.Fail(fault.New(fault.KeyRejected, "a DID document is a JSON object"))
		return
	}
	p.doubled = map[string]bool{}
	r.Open()
	for r.More() {
		switch name := r.Name(); {
		case name == "id" && r.Kind() == strictjson.String:
			p.doc.ID = r.String()
		case name == "verificationMethod" && r.Kind() == strictjson.Array:
			each(r, "/verificationMethod", func(at string) {
				m := p.method(r, at)
				if _, there := p.methods[m.id]; there {
					p.doubled[m.id] = true
				}
				p.methods[m.id] = m
			})
		case name == "assertionMethod" && r.Kind() == strictjson.Array:
			each(r, "/assertionMethod", func(at string) {
				if r.Kind() == strictjson.String {
					p.assertions = append(p.assertions, assertion{at: at, ref: p.absolute(r.String())})
					return
				}
				m := p.method(r, at)
				p.assertions = append(p.assertions, assertion{at: at, own: &m})
			})
		case name == "service" && r.Kind() == strictjson.Array:
			each(r, "/service", func(string) { p.service(r) })
		default:
			r.Skip()
		}
	}
	r.Close()
}

// each reads a list, at most maxMethods elements of it.
func each(r *strictjson.Reader, at string, read func(at string)) {
	r.Open()
	for i := 0; r.More(); i++ {
		if i == maxMethods {
			r.Fail(fault.At(fault.KeyRejected, at, "too many entries"))
			return
		}
		read(at + "/" + strconv.Itoa(i))
	}
	r.Close()
}

// absolute makes a relative DID URL absolute (DID Core 1.0, section 3.2.2).
func (p *parser) absolute(id string) string {
	if strings.HasPrefix(id, "#") {
		return p.did + id
	}
	return id
}

func (p *parser) method(r *strictjson.Reader, at string) (m method) {
	m.at = at
	if r.Kind() != strictjson.Object {
		r.Skip()
		return m
	}
	r.Open()
	for r.More() {
		name := r.Name()
		if name == "publicKeyJwk" {
			m.jwk = r.Raw()
			continue
		}
		s, ok := r.Text()
		if !ok {
			r.Skip()
			continue
		}
		switch name {
		case "id":
			m.id = p.absolute(s)
		case "type":
			m.typ = s
		case "controller":
			m.controller = s
		case "publicKeyMultibase":
			m.multibase = s
		}
	}
	r.Close()
	return m
}

// service reads one service; an endpoint is a URL, an object that names one as
// uri or href, or a list of them.
func (p *parser) service(r *strictjson.Reader) {
	if r.Kind() != strictjson.Object {
		r.Skip()
		return
	}
	var s Service
	r.Open()
	for r.More() {
		switch r.Name() {
		case "id":
			s.ID, _ = textOr(r)
			s.ID = p.absolute(s.ID)
		case "type":
			s.Types = texts(r)
		case "serviceEndpoint":
			s.Endpoints = endpoints(r)
		default:
			r.Skip()
		}
	}
	r.Close()
	p.doc.Services = append(p.doc.Services, s)
}

func textOr(r *strictjson.Reader) (string, bool) {
	s, ok := r.Text()
	if !ok {
		r.Skip()
	}
	return s, ok
}

func texts(r *strictjson.Reader) (out []string) {
	if r.Kind() != strictjson.Array {
		if s, ok := textOr(r); ok {
			out = []string{s}
		}
		return out
	}
	r.Open()
	for r.More() {
		if s, ok := textOr(r); ok {
			out = append(out, s)
		}
	}
	r.Close()
	return out
}

func endpoints(r *strictjson.Reader) (out []string) {
	switch r.Kind() {
	case strictjson.Array:
		r.Open()
		for r.More() {
			out = append(out, endpoints(r)...)
		}
		r.Close()
	case strictjson.Object:
		r.Open()
		for r.More() {
			name := r.Name()
			if s, ok := textOr(r); ok && (name == "uri" || name == "href") {
				out = append(out, s)
			}
		}
		r.Close()
	default:
		if s, ok := textOr(r); ok {
			out = append(out, s)
		}
	}
	return out
}

// collect finds the keys that may sign. Membership in assertionMethod is not
// enough: real documents list key agreement keys there.
func (p *parser) collect() {
	for _, a := range p.assertions {
		m, ok := p.methods[a.ref], true
		if a.own != nil {
			m = *a.own
		} else {
			_, ok = p.methods[a.ref]
		}
		switch {
		case !ok:
			p.refuse(a.at, "names a verification method that the document does not have")
		case p.doubled[m.id]:
			p.refuse(m.at, "the id stands for two verification methods")
		default:
			p.take(m)
		}
	}
}

func (p *parser) refuse(at, detail string) {
	p.doc.Refused = append(p.doc.Refused, fault.At(fault.KeyRejected, at, detail))
}

func (p *parser) take(m method) {
	if !strings.HasPrefix(m.id, p.did+"#") {
		p.refuse(m.at, "the id is no URL within this DID")
		return
	}
	if m.controller != p.did {
		p.refuse(m.at, "the method is controlled by another")
		return
	}
	k, err := m.key()
	if err != nil {
		p.refuse(m.at, fault.All(err)[0].Detail)
		return
	}
	k.KID, k.Use = m.id, signing.UseDoc
	p.doc.Keys = append(p.doc.Keys, k)
}

// key reads the material of a method by its type (Controlled Identifiers v1.0,
// section 2.2; JsonWebKey2020 is what it was called before).
func (m *method) key() (*signing.Key, error) {
	switch m.typ {
	case "JsonWebKey", "JsonWebKey2020":
		if m.jwk == "" {
			return nil, fault.New(fault.KeyRejected, "publicKeyJwk is missing")
		}
		return signing.ParseKey([]byte(m.jwk))
	case "Multikey":
		pub, err := multikey(m.multibase)
		if err != nil {
			return nil, err
		}
		return signing.NewKey(pub, signing.UseDoc)
	default:
		return nil, fault.New(fault.KeyRejected, "the type is not JsonWebKey, JsonWebKey2020 or Multikey")
	}
}
