package sps

import (
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
)

func (r reader) consignment(c *carry.Node) {
	s := r.Submission
	for _, p := range []struct{ element, role string }{{"ConsignorSPSParty", "consignor"}, {"ConsigneeSPSParty", "consignee"}} {
		n := r.Need(c, nsRAM, p.element)
		at := "/parties/" + strconv.Itoa(len(s.Parties))
		if name := r.partyName(n, at); len(name) > 0 {
			s.Parties = append(s.Parties, attestation.Party{Role: p.role, Name: name})
		} else if n != nil {
			r.Lose(dialect.Warning, dialect.Assumed, n) // there is a party, and nobody says who
		}
	}
	if len(s.Parties) == 0 {
		// The model wants a party; whom the document does not name it cannot have.
		s.Parties = []attestation.Party{{Role: "consignor", Ref: s.Issuer.Role}}
	}
	r.route(c)
	for _, item := range c.All(nsRAM, "IncludedSPSConsignmentItem") {
		for _, line := range item.All(nsRAM, "IncludedSPSTradeLineItem") {
			r.line(line)
		}
	}
	if len(s.Objects) == 0 {
		r.Lose(dialect.Warning, dialect.Assumed, c)
		s.Objects = []attestation.Object{{Type: "consignment", Name: attestation.LText{{Lang: "en", Value: "Consignment"}}}}
	}
}

// route takes the countries. One that is none of ISO 3166-1 stays where it is.
func (r reader) route(c *carry.Node) {
	var way attestation.Route
	way.ExportCountry = r.country(r.One(c, nsRAM, "ExportSPSCountry"), "/route/exportCountry")
	way.ImportCountry = r.country(r.One(c, nsRAM, "ImportSPSCountry"), "/route/importCountry")
	for _, n := range c.All(nsRAM, "TransitSPSCountry") {
		if e := r.country(n, "/route/transit/"+strconv.Itoa(len(way.Transit))); e != "" {
			way.Transit = append(way.Transit, e)
		}
	}
	if way.ExportCountry != "" || way.ImportCountry != "" || len(way.Transit) > 0 {
		r.Submission.Route = &way
	}
}

func (r reader) country(n *carry.Node, pointer string) attestation.Economy {
	id := n.Child(nsRAM, "ID")
	if id == nil {
		return ""
	}
	text, ok := r.Raw(id)
	if !ok || strings.TrimSpace(text) == "" {
		return ""
	}
	e := attestation.Economy(text)
	if !e.Valid() {
		r.Lose(dialect.Warning, dialect.Residual, id)
		return ""
	}
	return attestation.Economy(r.Line(id, pointer))
}

// line reads one line of goods.
func (r reader) line(n *carry.Node) {
	s := r.Submission
	at := "/objects/" + strconv.Itoa(len(s.Objects))
	r.Note(n, at)
	o := attestation.Object{Type: "consignment"}
	names := [][]*carry.Node{n.All(nsRAM, "CommonName"), n.All(nsRAM, "ScientificName")}
	for _, all := range names {
		if o.Name = r.Texts(all, "languageID", at+"/name", true); len(o.Name) > 0 {
			break
		}
	}
	if o.Name != nil {
		o.Description = r.Texts(n.All(nsRAM, "Description"), "languageID", at+"/description", false)
	} else if o.Name = r.Texts(n.All(nsRAM, "Description"), "languageID", at+"/name", true); o.Name == nil {
		r.Lose(dialect.Warning, dialect.Assumed, n)
		o.Name = attestation.LText{{Lang: "en", Value: "Line " + strconv.Itoa(len(s.Objects)+1)}}
	}
	for _, c := range n.All(nsRAM, "ApplicableSPSClassification") {
		r.classification(&o, c, at)
	}
	r.weight(&o, r.One(n, nsRAM, "NetWeightMeasure"), at+"/quantity")
	for _, origin := range n.All(nsRAM, "OriginSPSCountry") {
		if o.Origin == "" {
			o.Origin = r.country(origin, at+"/origin")
		}
	}
	s.Objects = append(s.Objects, o)
}

// classification takes a code with its system; one without a code stays.
func (r reader) classification(o *attestation.Object, n *carry.Node, at string) {
	at += "/classifications/" + strconv.Itoa(len(o.Classifications))
	system, ok := r.Raw(n.Child(nsRAM, "SystemName"))
	if !ok || !carry.IsToken(system) || strings.HasPrefix(system, "wco.hs") {
		return
	}
	if code := r.Line(n.Child(nsRAM, "ClassCode"), at+"/code"); code != "" {
		o.Classifications = append(o.Classifications, attestation.Code{System: strings.Clone(system), Code: code})
	}
}

// weight takes the net weight if its number and unit are what the model has.
func (r reader) weight(o *attestation.Object, n *carry.Node, at string) {
	text, ok := r.Raw(n)
	if !ok {
		return
	}
	unit, _ := n.Attr("unitCode")
	if !carry.IsDecimal(text) || !carry.IsUnit(unit) {
		return // stays
	}
	o.Quantity = &attestation.Qty{
		Name: "netWeight", Value: attestation.Dec(r.Line(n, at+"/value")),
		Unit: attestation.Code{System: "unece.rec20", Code: strings.Clone(unit)},
	}
}
