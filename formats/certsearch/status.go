package certsearch

import (
	"strings"

	"accord/attestation"
	"accord/internal/fault"
)

// statusSystem is the system of status words in reasonCode.
const statusSystem = "org.iafcertsearch.status"

// statusWord is one row of the table of domain.md §3.1.
type statusWord struct {
	word  string
	event attestation.Event // after the issue; "": none
	no    string            // why a record with this word is refused
}

// hiddenWord is why a word that says nothing certain is refused: it is read as
// unknown, and no history says that.
const hiddenWord = "the register does not say what is the case (§3.1: unknown, which nobody recognises); send the record when it does"

// statusWords are the words of CertSearch. Cancelled means "permanently revoked
// or terminated" there, so the word is kept in reasonCode.
var statusWords = []statusWord{
	{word: "Active"},
	{word: "Expired"},
	{word: "Suspended", event: attestation.EventSuspend},
	{word: "Withdrawn", event: attestation.EventWithdraw},
	{word: "Cancelled", event: attestation.EventCancel},
	{word: "Draft", no: "a draft is never exchanged (§3.1)"},
	{word: "Inactive", no: hiddenWord},
	{word: "Hidden", no: hiddenWord},
	{word: "Pending", no: hiddenWord},
	{word: "Deleted", no: hiddenWord},
}

// status makes the history: the issue, and the event that the word says.
func (m *mapper) status() {
	word := m.value(fStatus)
	if word == "" {
		return // told of already
	}
	row := statusRow(word)
	switch {
	case row == nil:
		m.fail(fault.SchemaFormat, m.at(fStatus), "want Active, Suspended, Withdrawn, Cancelled or Expired")
		return
	case row.no != "":
		m.fail(fault.SchemaFormat, m.at(fStatus), row.no)
		return
	}
	issued := m.s.Dates.Issued
	if m.s.Dates.FirstIssued != nil {
		issued = *m.s.Dates.FirstIssued
	}
	issue := attestation.StatusEvent{Seq: 1, Event: attestation.EventIssue, Effective: issued}
	code := &attestation.Code{System: statusSystem, Code: word}
	if row.event == "" {
		issue.ReasonCode = code
		m.s.StatusEvents = []attestation.StatusEvent{issue}
		m.temporal(row.word)
		return
	}
	m.s.StatusEvents = []attestation.StatusEvent{issue, {
		Seq: 2, Event: row.event, Effective: m.statusDate(), Reason: m.text(fStatusReason), ReasonCode: code,
	}}
}

func statusRow(word string) *statusWord {
	for i := range statusWords {
		if strings.EqualFold(statusWords[i].word, word) {
			return &statusWords[i]
		}
	}
	return nil
}

// temporal: what needs no event beside the issue has neither date nor reason of
// one, and what is called expired has expired.
func (m *mapper) temporal(word string) {
	for _, f := range []field{fStatusDate, fStatusReason} {
		if m.value(f) != "" {
			m.fail(fault.SchemaFormat, m.at(f), "the status "+word+" has no event of its own to which this belongs")
		}
	}
	if word != "Expired" || m.opt.AsOf == "" || m.s.Dates.Expires == nil {
		return
	}
	if m.s.Dates.Expires.Value >= m.opt.AsOf {
		m.fail(fault.DocDateOrder, m.at(fExpires), "the status is Expired, but the expiry is not before "+m.opt.AsOf)
	}
}

// statusDate is when the status began: as the record says, else as of the
// extract, which is the first day on which it is known.
func (m *mapper) statusDate() attestation.DateV {
	if d := m.date(fStatusDate, false); d != nil {
		return *d
	}
	if m.value(fStatusDate) == "" {
		if m.opt.AsOf != "" {
			return attestation.DateV{Value: m.opt.AsOf, Zone: m.opt.Zone}
		}
		m.fail(fault.SchemaMissingField, m.at(fStatusDate), "this status needs its date, or the date of the extract")
	}
	return attestation.DateV{}
}
