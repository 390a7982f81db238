package native

import "accord/attestation"

// events are those of the transition table.
var events = enum("Event", "issue", "amend", "extendScope", "reduceScope", "suspend", "restore", "withdraw", "cancel",
	"supersede", "renew", "restoreAfterExpiry", "correct")

// eventFields is the fields of an event in a document; those that a status
// statement has too are made by the functions below.
func eventFields() []field[attestation.StatusEvent] {
	type doc = attestation.StatusEvent
	return []field[doc]{
		eventSeq(1), eventName(), eventCorrects(),
		eventEffective(), eventUntil(), eventReason(), eventReasonCode(),
		opt("by", "By", party, func(v *doc) **attestation.Party { return &v.By }),
		opt("evidence", "Evidence", link, func(v *doc) **attestation.Link { return &v.Evidence }),
		eventSellThrough(), eventSupersededBy(),
	}
}

func eventSeq(least int) field[attestation.StatusEvent] {
	return integer("seq", least, func(v *attestation.StatusEvent) *int { return &v.Seq }).must()
}

func eventName() field[attestation.StatusEvent] {
	return attr("event", events, func(v *attestation.StatusEvent) *attestation.Event { return &v.Event }).must()
}

func eventCorrects() field[attestation.StatusEvent] {
	return integer("corrects", 1, func(v *attestation.StatusEvent) *int { return &v.Corrects })
}

func eventEffective() field[attestation.StatusEvent] {
	return one("effective", "Effective", date, func(v *attestation.StatusEvent) *attestation.DateV { return &v.Effective }).must()
}

func eventUntil() field[attestation.StatusEvent] {
	return opt("until", "Until", date, func(v *attestation.StatusEvent) **attestation.DateV { return &v.Until })
}

func eventReason() field[attestation.StatusEvent] {
	return prose("reason", "Reason", func(v *attestation.StatusEvent) *attestation.LText { return &v.Reason })
}

func eventReasonCode() field[attestation.StatusEvent] {
	return opt("reasonCode", "ReasonCode", code, func(v *attestation.StatusEvent) **attestation.Code { return &v.ReasonCode })
}

func eventSellThrough() field[attestation.StatusEvent] {
	return opt("sellThrough", "SellThrough", sellThrough, func(v *attestation.StatusEvent) **attestation.SellThrough { return &v.SellThrough })
}

func eventSupersededBy() field[attestation.StatusEvent] {
	return opt("supersededBy", "SupersededBy", target, func(v *attestation.StatusEvent) **attestation.Target { return &v.SupersededBy })
}

var statusEvent = func() *record[attestation.StatusEvent] {
	c := newRecord("StatusEvent", eventFields()...)
	c.inline = true
	c.reserved = []reserved{{"recorded", "recorded", inAttribute}}
	return c
}()

// sellThrough may be empty: goods already out may be sold without end.
var sellThrough = func() *record[attestation.SellThrough] {
	c := newRecord("SellThrough",
		opt("until", "Until", date, func(v *attestation.SellThrough) **attestation.DateV { return &v.Until }),
	)
	c.empty = true
	return c
}()

// statusStatement is the payload of accord-status+jwt (wire.md): an event
// without by and evidence, since its signer says it. It has no XML form.
var statusStatement = func() *record[attestation.StatusStatement] {
	type doc = attestation.StatusStatement
	event := func(v *doc) *attestation.StatusEvent { return &v.StatusEvent }
	fields := []field[doc]{
		integer("ver", 1, func(v *doc) *int { return &v.Ver }).must(),
		attr("iss", line, func(v *doc) *string { return &v.Iss }).must(),
		attr("jti", line, func(v *doc) *string { return &v.JTI }).must(),
		one("subject", "Subject", statusSubject, func(v *doc) *attestation.StatusSubject { return &v.Subject }).must(),
		attr("prev", digest, func(v *doc) *attestation.Digest { return &v.Prev }).must(),
	}
	// A revision brings its event itself, so a statement is never the first.
	fields = append(fields, lift(event, eventSeq(2), eventName(), eventCorrects(), eventEffective(), eventUntil(),
		eventReason(), eventReasonCode(), eventSellThrough(), eventSupersededBy())...)
	c := newRecord("StatusStatement", fields...)
	c.reserved = []reserved{{"recorded", "recorded", inAttribute}}
	return c
}()

var statusSubject = func() *record[attestation.StatusSubject] {
	type doc = attestation.StatusSubject
	return newRecord("StatusSubject",
		attr("issuer", partnerID, func(v *doc) *attestation.PartnerID { return &v.Issuer }).must(),
		attr("scheme", line, func(v *doc) *string { return &v.Scheme }).must(),
		attr("number", line, func(v *doc) *string { return &v.Number }).must(),
		attr("issueNumber", line, func(v *doc) *string { return &v.IssueNumber }),
		attr("content", digest, func(v *doc) *attestation.Digest { return &v.Content }).must(),
	)
}()
