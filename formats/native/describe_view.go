package native

import "accord/attestation"

// viewDocument is a view with its events and the time each was recorded side by
// side, as both forms show them.
type viewDocument struct {
	attestation.View
	events []recordedEvent
}

type recordedEvent struct {
	attestation.StatusEvent
	recorded string
}

// view extends the submission by what only the gateway sets.
var view = func() *record[viewDocument] {
	type doc = viewDocument
	// The events of a view stand where those of a submission do.
	fields := lift(func(v *doc) *attestation.Submission { return &v.Submission },
		submissionFields(field[attestation.Submission]{json: "statusEvents"})...)
	recorded := many("statusEvents", "StatusEvent", recordedEvents, func(v *doc) *[]recordedEvent { return &v.events }).must()
	for i := range fields {
		if fields[i].json == "statusEvents" {
			fields[i] = recorded
		}
	}
	fields = append(fields,
		attr("id", seriesID, func(v *doc) *attestation.ID { return &v.ID }).must(),
		integer("revision", 1, func(v *doc) *int { return &v.Revision }).must(),
		one("source", "Source", viewSource, func(v *doc) *attestation.Source { return &v.Source }).must(),
		many("proofs", "Proof", viewProof, func(v *doc) *[]attestation.Proof { return &v.Proofs }),
		one("status", "Status", viewStatus, func(v *doc) *attestation.StatusView { return &v.Status }).must(),
	)
	return newRecord("AttestationView", fields...)
}()

var recordedEvents = func() *record[recordedEvent] {
	fields := append([]field[recordedEvent]{
		attr("recorded", line, func(v *recordedEvent) *string { return &v.recorded }),
	}, lift(func(v *recordedEvent) *attestation.StatusEvent { return &v.StatusEvent }, eventFields()...)...)
	c := newRecord("RecordedEvent", fields...)
	c.inline = true
	return c
}()

var viewSource = func() *record[attestation.Source] {
	type doc = attestation.Source
	return newRecord("Source",
		attr("format", line, func(v *doc) *string { return &v.Format }).must(),
		attr("mediaType", line, func(v *doc) *string { return &v.MediaType }).must(),
		attr("digest", digest, func(v *doc) *attestation.Digest { return &v.Digest }).must(),
		integer("size", 0, func(v *doc) *int { return &v.Size }).must(),
		attr("receivedAt", line, func(v *doc) *string { return &v.ReceivedAt }).must(),
		attr("from", partnerID, func(v *doc) *attestation.PartnerID { return &v.From }).must(),
	)
}()

var viewProof = func() *record[attestation.Proof] {
	type doc = attestation.Proof
	return newRecord("Proof",
		attr("type", enum("ProofType", "jws", "xmldsig", "cms", "seal", "none"), func(v *doc) *string { return &v.Type }).must(),
		attr("alg", line, func(v *doc) *string { return &v.Alg }),
		attr("kid", line, func(v *doc) *string { return &v.KID }),
		boolean("verified", func(v *doc) *bool { return &v.Verified }).must(),
		attr("at", line, func(v *doc) *string { return &v.At }).must(),
		attr("detailRef", line, func(v *doc) *string { return &v.DetailRef }),
		words("chain", "Chain", line, func(v *doc) *[]string { return &v.Chain }),
	)
}()

var viewStatus = func() *record[attestation.StatusView] {
	type doc = attestation.StatusView
	status := enum("Status", "valid", "suspended", "withdrawn", "cancelled", "superseded", "expired", "pending", "unknown")
	return newRecord("StatusView",
		attr("asserted", status, func(v *doc) *attestation.Status { return &v.Asserted }).must(),
		attr("temporal", status, func(v *doc) *attestation.Status { return &v.Temporal }),
		attr("credential", line, func(v *doc) *string { return &v.Credential }).must(),
		attr("effective", status, func(v *doc) *attestation.Status { return &v.Effective }).must(),
		attr("at", line, func(v *doc) *string { return &v.At }).must(),
		boolean("overdue", func(v *doc) *bool { return &v.Overdue }),
		integer("lastIndex", 0, func(v *doc) *uint64 { return &v.LastIndex }).must(),
	)
}()

// document pairs the events of a view with their times.
func document(v *attestation.View) *viewDocument {
	d := &viewDocument{View: *v, events: make([]recordedEvent, len(v.StatusEvents))}
	for i := range d.events {
		d.events[i].StatusEvent = v.StatusEvents[i]
		if i < len(v.Recorded) {
			d.events[i].recorded = v.Recorded[i]
		}
	}
	return d
}

// view is the inverse of document.
func (d *viewDocument) view() *attestation.View {
	v := &d.View
	for i := range d.events {
		v.StatusEvents = append(v.StatusEvents, d.events[i].StatusEvent)
		v.Recorded = append(v.Recorded, d.events[i].recorded)
	}
	return v
}
