package attestation

import (
	"strconv"

	"accord/internal/strictjson"
)

func appendObject(b []byte, v *Object) []byte {
	b = open(b, '{')
	b = optStrings(b, `"batches":`, v.Batches)
	b = text(b, `"brand":`, v.Brand)
	b = optList(b, `"classifications":`, v.Classifications, appendCode)
	b = text(b, `"description":`, v.Description)
	b = flag(b, `"idVerifiedByIssuer":`, v.IDVerifiedByIssuer)
	b = optList(b, `"identifiers":`, v.Identifiers, appendIdentifier)
	b = optList(b, `"models":`, v.Models, appendModel)
	b = opt(b, `"modelsAttachment":`, v.ModelsAttachment, appendLink)
	b = flag(b, `"modelsComplete":`, v.ModelsComplete)
	b = list(b, `"name":`, v.Name, appendText)
	b = optStr(b, `"origin":`, v.Origin)
	b = opt(b, `"quantity":`, v.Quantity, appendQty)
	b = optList(b, `"ratings":`, v.Ratings, appendQty)
	b = optStrings(b, `"serials":`, v.Serials)
	b = str(b, `"type":`, v.Type)
	return shut(b, '}')
}

func appendModel(b []byte, v *Model) []byte {
	return shut(text(str(open(b, '{'), `"model":`, v.Model), `"note":`, v.Note), '}')
}

func appendRequirement(b []byte, v *Requirement) []byte {
	b = open(b, '{')
	b = optStrings(b, `"amendments":`, v.Amendments)
	b = optStr(b, `"edition":`, v.Edition)
	b = str(b, `"id":`, v.ID)
	b = optStrings(b, `"nationalDifferences":`, v.NationalDifferences)
	b = flag(b, `"partial":`, v.Partial)
	b = text(b, `"title":`, v.Title)
	b = str(b, `"type":`, v.Type)
	return shut(b, '}')
}

func appendAssessment(b []byte, v *Assessment) []byte {
	b = open(b, '{')
	b = str(b, `"activity":`, v.Activity)
	b = opt(b, `"body":`, v.Body, appendParty)
	b = texts(b, `"conditions":`, v.Conditions)
	b = opt(b, `"date":`, v.Date, appendDate)
	b = optList(b, `"evidence":`, v.Evidence, appendEvidence)
	b = optStr(b, `"id":`, v.ID)
	b = text(b, `"location":`, v.Location)
	b = text(b, `"name":`, v.Name)
	b = optList(b, `"objectsRef":`, v.ObjectsRef, appendIndex)
	b = str(b, `"outcome":`, v.Outcome)
	b = opt(b, `"period":`, v.Period, appendPeriod)
	b = optList(b, `"requirements":`, v.Requirements, appendRequirement)
	b = optList(b, `"results":`, v.Results, appendResult)
	b = optList(b, `"topics":`, v.Topics, appendCode)
	return shut(b, '}')
}

func appendIndex(b []byte, v *int) []byte { return strconv.AppendInt(b, int64(*v), 10) }

func appendPeriod(b []byte, v *Period) []byte {
	return shut(opt(opt(open(b, '{'), `"from":`, v.From, appendDate), `"to":`, v.To, appendDate), '}')
}

func appendEvent(b []byte, v *StatusEvent) []byte {
	b = open(b, '{')
	b = opt(b, `"by":`, v.By, appendParty)
	b = appendCorrects(b, v.Corrects)
	b = one(b, `"effective":`, &v.Effective, appendDate)
	b = str(b, `"event":`, v.Event)
	b = opt(b, `"evidence":`, v.Evidence, appendLink)
	b = text(b, `"reason":`, v.Reason)
	b = opt(b, `"reasonCode":`, v.ReasonCode, appendCode)
	b = opt(b, `"sellThrough":`, v.SellThrough, appendSellThrough)
	b = integer(b, `"seq":`, v.Seq)
	b = opt(b, `"supersededBy":`, v.SupersededBy, appendTarget)
	b = opt(b, `"until":`, v.Until, appendDate)
	return shut(b, '}')
}

func appendCorrects(b []byte, seq int) []byte {
	if seq == 0 {
		return b
	}
	return integer(b, `"corrects":`, seq)
}

func appendSellThrough(b []byte, v *SellThrough) []byte {
	return shut(opt(open(b, '{'), `"until":`, v.Until, appendDate), '}')
}

func appendTarget(b []byte, v *Target) []byte {
	if v.Digest != "" {
		return strictjson.AppendString(b, string(v.Digest))
	}
	b = open(b, '{')
	b = optStr(b, `"issueNumber":`, v.IssueNumber)
	b = optStr(b, `"issuer":`, v.Issuer)
	b = optStr(b, `"number":`, v.Number)
	b = optStr(b, `"scheme":`, v.Scheme)
	return shut(b, '}')
}

func appendRelation(b []byte, v *Relation) []byte {
	b = text(open(b, '{'), `"note":`, v.Note)
	b = one(b, `"target":`, &v.Target, appendTarget)
	return shut(str(b, `"type":`, v.Type), '}')
}

func appendTrustmark(b []byte, v *Trustmark) []byte {
	b = open(b, '{')
	b = optStr(b, `"data":`, v.Data)
	b = text(b, `"description":`, v.Description)
	b = opt(b, `"link":`, v.Link, appendLink)
	b = str(b, `"mediaType":`, v.MediaType)
	b = list(b, `"name":`, v.Name, appendText)
	return shut(b, '}')
}

func appendEvidence(b []byte, v *Evidence) []byte {
	b = appendLinkHead(open(b, '{'), &v.Link)
	b = str(b, `"purpose":`, v.Purpose)
	return shut(str(b, `"url":`, v.URL), '}')
}

func appendLink(b []byte, v *Link) []byte {
	return shut(str(appendLinkHead(open(b, '{'), v), `"url":`, v.URL), '}')
}

// appendLinkHead writes what comes before purpose and url.
func appendLinkHead(b []byte, v *Link) []byte {
	b = optList(b, `"digests":`, v.Digests, appendLinkDigest)
	b = flag(b, `"encrypted":`, v.Encrypted)
	b = optStr(b, `"mediaType":`, v.MediaType)
	return text(b, `"name":`, v.Name)
}

func appendLinkDigest(b []byte, v *LinkDigest) []byte {
	return shut(str(str(open(b, '{'), `"alg":`, v.Alg), `"value":`, v.Value), '}')
}

func appendResult(b []byte, v *Result) []byte {
	b = appendQtyHead(open(b, '{'), &v.Qty)
	b = optStr(b, `"score":`, v.Score)
	b = text(b, `"text":`, v.Text)
	return shut(appendQtyTail(b, &v.Qty), '}')
}

func appendQty(b []byte, v *Qty) []byte {
	return shut(appendQtyTail(appendQtyHead(open(b, '{'), v), v), '}')
}

// appendQtyHead and appendQtyTail leave room for score and text of a Result,
// which stand between name and unit.
func appendQtyHead(b []byte, v *Qty) []byte {
	b = optStr(b, `"coverageFactor":`, v.CoverageFactor)
	b = optStr(b, `"coverageProbability":`, v.CoverageProbability)
	b = optStr(b, `"expandedUncertainty":`, v.ExpandedUncertainty)
	b = optStr(b, `"lower":`, v.Lower)
	return str(b, `"name":`, v.Name)
}

func appendQtyTail(b []byte, v *Qty) []byte {
	if v.Unit.System != "" || v.Unit.Code != "" || len(v.Unit.Label) > 0 {
		b = one(b, `"unit":`, &v.Unit, appendCode)
	}
	b = optStr(b, `"upper":`, v.Upper)
	return optStr(b, `"value":`, v.Value)
}

func appendText(b []byte, v *Text) []byte {
	b = strictjson.AppendString(append(b, `{"lang":`...), v.Lang)
	b = strictjson.AppendString(append(b, `,"value":`...), v.Value)
	return append(b, '}')
}

func appendLText(b []byte, v *LText) []byte {
	b = open(b, '[')
	for i := range *v {
		b = append(appendText(b, &(*v)[i]), ',')
	}
	return shut(b, ']')
}

func appendCode(b []byte, v *Code) []byte {
	b = str(open(b, '{'), `"code":`, v.Code)
	b = text(b, `"label":`, v.Label)
	return shut(str(b, `"system":`, v.System), '}')
}

func appendIdentifier(b []byte, v *Identifier) []byte {
	return shut(str(str(open(b, '{'), `"scheme":`, v.Scheme), `"value":`, v.Value), '}')
}

func appendDate(b []byte, v *DateV) []byte {
	b = flag(open(b, '{'), `"inclusive":`, v.Inclusive)
	b = optStr(b, `"lexical":`, v.Lexical)
	b = str(b, `"value":`, v.Value)
	return shut(optStr(b, `"zone":`, v.Zone), '}')
}

// AppendStatement appends the RFC 8785 form of a status statement's payload.
func AppendStatement(b []byte, st *StatusStatement) []byte {
	v := &st.StatusEvent
	b = open(b, '{')
	b = opt(b, `"by":`, v.By, appendParty)
	b = appendCorrects(b, v.Corrects)
	b = one(b, `"effective":`, &v.Effective, appendDate)
	b = str(b, `"event":`, v.Event)
	b = opt(b, `"evidence":`, v.Evidence, appendLink)
	b = str(b, `"iss":`, st.Iss)
	b = str(b, `"jti":`, st.JTI)
	b = str(b, `"prev":`, st.Prev)
	b = text(b, `"reason":`, v.Reason)
	b = opt(b, `"reasonCode":`, v.ReasonCode, appendCode)
	b = opt(b, `"sellThrough":`, v.SellThrough, appendSellThrough)
	b = integer(b, `"seq":`, v.Seq)
	b = one(b, `"subject":`, &st.Subject, appendSubject)
	b = opt(b, `"supersededBy":`, v.SupersededBy, appendTarget)
	b = opt(b, `"until":`, v.Until, appendDate)
	return shut(integer(b, `"ver":`, st.Ver), '}')
}

func appendSubject(b []byte, v *StatusSubject) []byte {
	b = str(open(b, '{'), `"content":`, v.Content)
	b = optStr(b, `"issueNumber":`, v.IssueNumber)
	b = str(b, `"issuer":`, v.Issuer)
	b = str(b, `"number":`, v.Number)
	return shut(str(b, `"scheme":`, v.Scheme), '}')
}
