package attestation

import (
	"strconv"
	"strings"

	"accord/internal/fault"
)

// How a text may be written.
const (
	oneLine  = true
	freeText = false
)

// text checks an optional language text.
func (c *checker) text(leaf string, v LText, line bool) {
	if len(v) == 0 {
		return
	}
	c.in(leaf)
	c.texts(v, line)
	c.everyMandatory("", v)
	c.out()
}

// texts checks the texts of the list at the current place.
func (c *checker) texts(v LText, line bool) {
	c.many("", len(v), MaxItems)
	limit := MaxText
	if line {
		limit = MaxLine
	}
	for i := range v {
		c.item(i)
		c.language("lang", v[i].Lang)
		if v[i].Value == "" {
			c.missing("value")
		} else {
			c.chars("value", v[i].Value, limit, line)
		}
		c.out()
	}
}

// needText checks a required text.
func (c *checker) needText(leaf string, v LText, line bool) {
	if len(v) == 0 {
		c.missing(leaf)
		return
	}
	c.text(leaf, v, line)
}

// everyMandatory: a text is there in every mandatory language.
func (c *checker) everyMandatory(leaf string, v LText) {
	for _, want := range c.mandatory {
		if !hasLanguage(v, want) {
			c.format(leaf, "has no text in a language that languages/mandatory names")
			return
		}
	}
}

func hasLanguage(v LText, want string) bool {
	for i := range v {
		if covers(v[i].Lang, want) {
			return true
		}
	}
	return false
}

// language checks a tag. Documents repeat few tags, so the last good ones are
// remembered.
func (c *checker) language(leaf, v string) {
	if v == "" {
		c.missing(leaf)
		return
	}
	for i := range c.langs {
		if c.langs[i] == v {
			return
		}
	}
	if !ValidLanguage(v) {
		c.format(leaf, "want a BCP 47 language tag in its canonical case, as zh-CN")
		return
	}
	c.langs[c.nlangs%len(c.langs)] = v
	c.nlangs++
}

// date checks a required date.
func (c *checker) date(leaf string, d *DateV) {
	if d.Value == "" {
		c.in(leaf)
		c.missing("value")
		c.out()
		return
	}
	_, readable := readDate(d.Value)
	if readable && d.Lexical == "" {
		if d.DateOnly() && d.Zone == "+08:00" || !d.DateOnly() && d.Zone == "" {
			return
		}
	}
	c.in(leaf)
	defer c.out()
	if !readable {
		c.fail(fault.DocDateInvalid, "value", "want a calendar date as YYYY-MM-DD, or an instant with its offset")
	}
	c.zone(d)
	c.line("lexical", d.Lexical)
}

// zone: a date has one, an instant carries its own.
func (c *checker) zone(d *DateV) {
	switch offset, ok := readZone(d.Zone); {
	case d.Zone == "":
		if d.DateOnly() {
			c.warn(fault.WarnDateZone, "zone", "a date without zone is read at +00:00")
		}
	case !ok, d.Zone == "Z": // one form for one offset
		c.format("zone", "want an offset as +08:00")
	case !d.DateOnly():
		if _, own, ok := readClock(d.Value[min(10, len(d.Value)):]); ok && own != offset {
			c.format("zone", "contradicts the offset of the instant")
		}
	}
}

// optDate checks a date that may be absent.
func (c *checker) optDate(leaf string, d *DateV) {
	if d != nil {
		c.date(leaf, d)
	}
}

// ordered adds doc.date_order at leaf when the date there lies before the other.
// A date without time is compared with an instant as the whole day that it is.
// Dates that cannot be read were reported already.
func (c *checker) ordered(leaf string, earlier, later *DateV, detail string) {
	if earlier == nil || later == nil {
		return
	}
	from, err1 := earlier.Start()
	to, err2 := later.Start()
	if err1 != nil || err2 != nil {
		return
	}
	if later.DateOnly() && !earlier.DateOnly() {
		to = to.Add(day - 1)
	}
	if to.Before(from) {
		c.fail(fault.DocDateOrder, leaf, detail)
	}
}

// code checks a Code; the system's name carries its edition where it has any.
func (c *checker) code(v *Code) {
	c.token("system", v.System)
	if c.needLine("code", v.Code) {
		switch {
		case strings.HasPrefix(v.System, "wco.hs"):
			if !ValidHS(v.Code) {
				c.format("code", "want 4, 6, 8 or 10 digits")
			}
			if len(v.System) < len("wco.hs/2022") || v.System[len("wco.hs")] != '/' {
				c.format("system", "name the edition of the nomenclature: wco.hs/2022")
			}
		case strings.HasPrefix(v.System, "cn.cnca.catalogue/"):
			if len(v.Code) != 4 || !allDigits(v.Code) {
				c.format("code", "want the four digits of a product class")
			}
		case v.System == "unece.rec20":
			if !validUnit(v.Code) {
				c.format("code", "want a common code of UN/ECE Recommendation 20: up to three of A-Z and 0-9")
			}
		}
	}
	c.text("label", v.Label, oneLine)
}

func validUnit(s string) bool { return len(s) <= 3 && validNumberPart(s) }

// identifier checks an identifier and, where its scheme has any, its form and
// check digits.
func (c *checker) identifier(v *Identifier) {
	if !c.token("scheme", v.Scheme) || !c.needLine("value", v.Value) {
		return
	}
	if detail := malformed(v.Scheme, v.Value); detail != "" {
		c.format("value", detail)
	}
}

// malformed says what is wrong with an identifier of a scheme that we know.
func malformed(scheme, value string) string {
	switch scheme {
	case "cn.uscc":
		if !ValidUSCC(value) {
			return "want a unified social credit code with its check characters (GB 32100)"
		}
	case "cn.gb11714", "cn.orgcode":
		if !ValidOrgCode(value) {
			return "want an organisation code with its check character (GB 11714)"
		}
	case "gs1.gtin":
		if !ValidGTIN(value) {
			return "want a GTIN of 8, 12, 13 or 14 digits with its check digit"
		}
	case "gs1.gln":
		if !ValidGLN(value) {
			return "want a GLN of 13 digits with its check digit"
		}
	case "lei", "iso.lei":
		if !ValidLEI(value) {
			return "want a legal entity identifier with its check digits (ISO 17442)"
		}
	case "cn.cnca.ccc":
		if _, ok := ParseCCC(value); !ok {
			return "want 16 digits that begin with a year from 2002"
		}
	case "cn.cnca.approval":
		if !ValidCNCAApproval(value) {
			return "want an approval number as CNCA-R-2002-001"
		}
	case "did":
		if !validDID(value) {
			return "want a DID as did:web:example.org"
		}
	}
	return ""
}

// validDID checks the syntax of W3C DID Core, section 3.1, as far as the method.
func validDID(s string) bool {
	rest, ok := strings.CutPrefix(s, "did:")
	method, id, found := strings.Cut(rest, ":")
	if !ok || !found || method == "" || id == "" || !validURITail(id) {
		return false
	}
	for i := range len(method) {
		if c := method[i]; !isDigit(c) && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// qty checks a quantity.
func (c *checker) qty(v *Qty) {
	c.needLine("name", v.Name)
	if v.Value == "" {
		c.missing("value")
	}
	c.decimal("value", v.Value)
	if v.Unit.System == "" && v.Unit.Code == "" {
		c.missing("unit")
	} else {
		sub(c, "unit", &v.Unit, (*checker).code)
	}
	c.decimal("lower", v.Lower)
	c.decimal("upper", v.Upper)
	c.decimal("expandedUncertainty", v.ExpandedUncertainty)
	c.decimal("coverageFactor", v.CoverageFactor)
	c.decimal("coverageProbability", v.CoverageProbability)
}

// result checks a result: a quantity, a text or a score, one of the three.
func (c *checker) result(v *Result) {
	quantity := v.Value != "" || v.Unit.System != "" || v.Unit.Code != ""
	n := 0
	for _, has := range [...]bool{quantity, len(v.Text) > 0, v.Score != ""} {
		if has {
			n++
		}
	}
	switch {
	case n == 0:
		c.needLine("name", v.Name)
		c.missing("value")
		return
	case n > 1:
		c.format("", "want a quantity, a text or a score, one of the three")
		return
	case quantity:
		c.qty(&v.Qty)
		return
	}
	c.needLine("name", v.Name)
	c.text("text", v.Text, freeText)
	c.line("score", v.Score)
	if v.Lower != "" || v.Upper != "" || v.ExpandedUncertainty != "" || v.CoverageFactor != "" || v.CoverageProbability != "" {
		c.format("", "bounds and uncertainty belong to a quantity")
	}
}

// link checks a link; it is never followed.
func (c *checker) link(v *Link) {
	c.uri("url", v.URL)
	c.text("name", v.Name, oneLine)
	c.mediaType("mediaType", v.MediaType)
	each(c, "digests", v.Digests, (*checker).linkDigest)
}

func (c *checker) linkDigest(v *LinkDigest) {
	c.token("alg", v.Alg)
	if c.needLine("value", v.Value) && !validToken(v.Value) {
		c.format("value", "want a digest without spaces")
	}
}

func (c *checker) mediaType(leaf, v string) {
	if v != "" && c.chars(leaf, v, MaxToken, true) && !validMediaType(v) {
		c.format(leaf, "want a media type as type/subtype")
	}
}

// digest checks an optional digest.
func (c *checker) digest(leaf string, v Digest) {
	if v != "" && !v.Valid() {
		c.format(leaf, "want sha-256: and 64 lower-case hexadecimal digits")
	}
}

// target checks what a relation or a supersession points to.
func (c *checker) target(v *Target) {
	if v.Digest != "" {
		c.digest("", v.Digest)
		return
	}
	c.needLine("issuer", v.Issuer)
	c.token("scheme", v.Scheme)
	c.number("number", v.Number)
	c.issueNumber(v.IssueNumber)
}

// number checks a required number as printed.
func (c *checker) number(leaf, v string) {
	if c.needLine(leaf, v) && !validNumber(v) {
		c.format(leaf, "want a number as printed: 2 to 64 letters, digits and . / ( ) - or space, a letter or digit first")
	}
}

func (c *checker) issueNumber(v string) {
	if c.line("issueNumber", v) && !numberLike(v, 1) {
		c.format("issueNumber", "want at most 64 letters, digits and . / ( ) - or space, a letter or digit first")
	}
}

// index checks a reference to an object by its 0-based index.
func (c *checker) index(v *int) {
	if *v < 0 || c.doc != nil && *v >= len(c.doc.Objects) {
		c.format("", "names no object: the last index is "+strconv.Itoa(len(c.doc.Objects)-1))
	}
}
