package partners

import (
	"time"

	"accord/attestation"
)

// The JSON of these types is the body of a registry change (wire.md) and the
// format of configs/agreements. Absent and empty members mean the same here.

// Span is a half-open period [From, Until) of instants; a zero end is open.
type Span struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// StatusSpan is a period in which something had a status.
type StatusSpan struct {
	Span
	Status string `json:"status"`
}

// Partner is a body that exchanges documents or is spoken of by agreements.
type Partner struct {
	ID          attestation.PartnerID    `json:"id"`
	Name        attestation.LText        `json:"name"`
	Kind        PartnerKind              `json:"kind"`
	Economies   []attestation.Economy    `json:"economies"`
	Identifiers []attestation.Identifier `json:"identifiers,omitempty"` // each belongs to one partner
	Trust       Trust                    `json:"trust,omitzero"`
	ActsFor     []ActsFor                `json:"actsFor,omitempty"`
	Relay       bool                     `json:"relay,omitempty"`
	Endpoints   []Endpoint               `json:"endpoints,omitempty"`
	Languages   []string                 `json:"languages,omitempty"`
	Status      []StatusSpan             `json:"status"` // active, suspended, terminated
}

// PartnerKind is the kind of a partner.
type PartnerKind string

// The kinds of partner.
const (
	AccreditationBody    PartnerKind = "accreditationBody"
	CertificationBody    PartnerKind = "certificationBody"
	Regulator            PartnerKind = "regulator"
	SchemeOwner          PartnerKind = "schemeOwner"
	DesignatingAuthority PartnerKind = "designatingAuthority"
	Lab                  PartnerKind = "lab"
)

// Trust is the pinned trust material of a partner (signing.md, "Trust").
type Trust struct {
	Anchors     []Anchor `json:"anchors,omitempty"`
	Keys        []Key    `json:"keys,omitempty"`
	VKeys       []string `json:"vkeys,omitempty"`  // C2SP vkeys of its log
	Issuer      string   `json:"issuer,omitempty"` // its gateway
	JWKSURL     string   `json:"jwksUrl,omitempty"`
	DIDs        []string `json:"dids,omitempty"`
	Algorithms  []string `json:"algorithms,omitempty"`
	TSAs        []string `json:"tsas,omitempty"`
	ClaimWindow string   `json:"claimWindow,omitempty"` // Go duration; default 72h
}

// Anchor is a pinned CA certificate.
type Anchor struct {
	DER        []byte   `json:"der"` // base64
	SHA256     string   `json:"sha256"`
	Role       string   `json:"role"`
	Algorithms []string `json:"algorithms,omitempty"`
	Span
}

// Key is a registered public key: a JWK and its window.
type Key struct {
	JWK       map[string]any `json:"jwk"` // public members only
	Use       string         `json:"use"` // doc, auth
	NotBefore time.Time      `json:"nbf,omitzero"`
	Expires   time.Time      `json:"exp,omitzero"`
	Revoked   *Revoked       `json:"revoked,omitempty"`
}

// Revoked says when and why a key was revoked.
type Revoked struct {
	At               time.Time `json:"revokedAt"`
	Reason           string    `json:"reason"`
	CompromisedSince time.Time `json:"compromisedSince,omitzero"`
}

// ActsFor lets a partner hand in documents of another issuer.
type ActsFor struct {
	Issuer  attestation.PartnerID `json:"issuer"`
	Periods []Span                `json:"periods,omitempty"`
}

// Endpoint is where a partner is reached.
type Endpoint struct {
	URL      string   `json:"url"`
	Protocol string   `json:"protocol"`
	Formats  []string `json:"formats,omitempty"`
}

// Agreement is an arrangement between partners or economies.
type Agreement struct {
	ID          attestation.AgreementID   `json:"id"`
	Title       attestation.LText         `json:"title"`
	Kind        string                    `json:"kind"`       // mla, mraGovernment, scheme, unilateral, equivalence, mou
	Arity       string                    `json:"arity"`      // unilateral, bilateral, multilateral
	LegalForce  string                    `json:"legalForce"` // binding, voluntary, none
	State       string                    `json:"state"`      // negotiating, signed, inForce, ended
	Exchange    bool                      `json:"exchange"`
	SuccessorOf []attestation.AgreementID `json:"successorOf,omitempty"`
	Text        *attestation.Link         `json:"text,omitempty"`
	Period      AgreementPeriod           `json:"period"`
	Parties     []AgreementParty          `json:"parties"`
	Adopts      []attestation.AgreementID `json:"adopts,omitempty"`
	Activations []Activation              `json:"activations,omitempty"` // absent: all pairs
	Scopes      []Scope                   `json:"scopes,omitempty"`
	Suspensions []Suspension              `json:"suspensions,omitempty"`
	Rules       Rules                     `json:"rules,omitzero"`
}

// AgreementPeriod are the dates of an agreement.
type AgreementPeriod struct {
	Signed       time.Time `json:"signed,omitzero"`
	InForce      time.Time `json:"inForce,omitzero"`
	Provisional  time.Time `json:"provisional,omitzero"`
	Terminated   time.Time `json:"terminated,omitzero"`
	TacitRenewal bool      `json:"tacitRenewal,omitempty"`
}

// AgreementParty is a party: a partner or an economy, one of the two.
type AgreementParty struct {
	Partner      attestation.PartnerID `json:"partner,omitempty"`
	Economy      attestation.Economy   `json:"economy,omitempty"`
	Role         string                `json:"role"`
	ScopeIDs     []string              `json:"scopeIds,omitempty"` // absent: all
	Periods      []Span                `json:"periods,omitempty"`
	Reservations []Reservation         `json:"reservations,omitempty"`
}

// Reservation excludes a scope, or everything, for a party.
type Reservation struct {
	ScopeID string            `json:"scopeId,omitempty"`
	Text    attestation.LText `json:"text"`
}

// Activation is an exchange of letters between two parties.
type Activation struct {
	From    string `json:"from"` // partner id or economy
	To      string `json:"to"`
	Periods []Span `json:"periods,omitempty"`
	Phase   string `json:"phase,omitempty"`
}

// Suspension suspends an agreement, a party, a scope or a body.
type Suspension struct {
	Target         string            `json:"target"` // agreement, party, scope, body
	ID             string            `json:"id"`
	From           time.Time         `json:"from"`
	Until          time.Time         `json:"until,omitzero"`
	Reason         attestation.LText `json:"reason,omitempty"`
	EarlierResults string            `json:"earlierResults,omitempty"` // keep, void
}

// Rules are the general rules of an agreement; durations are Go durations.
type Rules struct {
	EarlierResults           string   `json:"earlierResults,omitempty"`
	ThirdCountryResults      bool     `json:"thirdCountryResults,omitempty"`
	MaxDocumentAge           string   `json:"maxDocumentAge,omitempty"`
	MaxStatusAge             string   `json:"maxStatusAge,omitempty"`
	RequireRegisterCheck     bool     `json:"requireRegisterCheck,omitempty"`
	RequireCompanions        []string `json:"requireCompanions,omitempty"` // purposes of evidence
	AckWithin                string   `json:"ackWithin,omitempty"`
	MaxLossSeverity          string   `json:"maxLossSeverity,omitempty"`
	RevocationGrace          string   `json:"revocationGrace,omitempty"`
	CryptoProfiles           []string `json:"cryptoProfiles,omitempty"`
	AcceptRegisterStatements bool     `json:"acceptRegisterStatements,omitempty"`
	PersonalData             string   `json:"personalData,omitempty"` // warn, refuse
}

// Scope is one scope of an agreement: a clause and what it covers.
type Scope struct {
	ID           string               `json:"id"`
	Clause       string               `json:"clause"`
	Direction    Direction            `json:"direction,omitzero"` // zero: mutual
	Activities   []string             `json:"activities,omitempty"`
	Kinds        []attestation.Kind   `json:"kinds,omitempty"`
	Regimes      []attestation.Regime `json:"regimes,omitempty"`
	Schemes      []string             `json:"schemes,omitempty"`
	ObjectTypes  []string             `json:"objectTypes,omitempty"`
	Products     []Products           `json:"products,omitempty"`
	Requirements []RequirementPair    `json:"requirements,omitempty"`
	Conditions   Conditions           `json:"conditions,omitzero"`
	Effect       string               `json:"effect"` // acceptResult, acceptCertificate, issueOwnOnBasis, noAction
	Purposes     []string             `json:"purposes,omitempty"`
	Periods      []Span               `json:"periods,omitempty"`
}

// Direction names the sides by economy or partner id. In JSON a mutual scope
// is the string "mutual".
type Direction struct {
	From []string `json:"from"`
	To   []string `json:"to"`
}

// Products includes and excludes codes of one system by prefix or by range
// ("0701..0718").
type Products struct {
	System  string   `json:"system"`
	Include []string `json:"include"`
	Exclude []string `json:"exclude,omitempty"`
}

// RequirementPair matches a requirement of one side with one of the other.
type RequirementPair struct {
	From       Editions    `json:"from"`
	To         Editions    `json:"to"`
	Deviations []Deviation `json:"deviations,omitempty"`
}

// Editions names a requirement and the editions that count; none: any.
type Editions struct {
	ID       string   `json:"id"`
	Editions []string `json:"editions,omitempty"`
}

// Deviation is a difference that results must cover.
type Deviation struct {
	ID         string            `json:"id"`
	Text       attestation.LText `json:"text"`
	ResultName string            `json:"resultName,omitempty"`
}

// Conditions stand beside the products of a scope.
type Conditions struct {
	Origin              []attestation.Economy   `json:"origin,omitempty"` // any of; none: no condition
	DirectShipment      bool                    `json:"directShipment,omitempty"`
	Mark                string                  `json:"mark,omitempty"`
	Language            string                  `json:"language,omitempty"`
	NationalDifferences bool                    `json:"nationalDifferences,omitempty"`
	AccreditedBy        attestation.AgreementID `json:"accreditedBy,omitempty"`
	Level               string                  `json:"level,omitempty"`
}

// Designation lets a body act under an agreement.
type Designation struct {
	ID           string                  `json:"id"`
	Body         attestation.PartnerID   `json:"body"`
	Agreement    attestation.AgreementID `json:"agreement,omitempty"`
	ScopeIDs     []string                `json:"scopeIds,omitempty"`
	Activities   []string                `json:"activities,omitempty"`
	Basis        string                  `json:"basis"` // designation, approval, notificationCommitment
	DesignatedBy attestation.PartnerID   `json:"designatedBy"`
	AcceptedBy   attestation.PartnerID   `json:"acceptedBy,omitempty"`
	Periods      []StatusSpan            `json:"periods"`
}

// Sanction forbids relying on a body or a holder.
type Sanction struct {
	ID             string                `json:"id"`
	Target         SanctionTarget        `json:"target"`
	List           string                `json:"list"`
	Authority      attestation.PartnerID `json:"authority"`
	Reason         attestation.LText     `json:"reason"`
	Periods        []Span                `json:"periods"`
	EarlierResults string                `json:"earlierResults,omitempty"` // keep, void
}

// SanctionTarget is a body (partner id) or a holder ("scheme:value").
type SanctionTarget struct {
	Kind string `json:"kind"` // body, holder
	ID   string `json:"id"`
}

// Target names what a registry change speaks of.
type Target struct {
	Kind TargetKind `json:"kind"`
	ID   string     `json:"id"`
}

// TargetKind is partner, agreement, designation or sanction.
type TargetKind string

// The targets of a registry change.
const (
	TargetPartner     TargetKind = "partner"
	TargetAgreement   TargetKind = "agreement"
	TargetDesignation TargetKind = "designation"
	TargetSanction    TargetKind = "sanction"
)
