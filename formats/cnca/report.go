package cnca

import (
	"slices"
	"strings"

	"accord/attestation"
	"accord/formats/cnca/catalogue"
	"accord/formats/dialect"
	"accord/internal/fault"
)

// The scheme that a compulsory certificate is of.
const (
	cccScheme = "https://www.cnca.gov.cn/ccc"
	cccName   = "强制性产品认证"
	cccNumber = "cn.cnca.ccc"
)

// report is the certificate report of 77 fields. It has no field for the body
// that makes it; its name and approval number are read and written under the
// names of the look-up, behind the 77.
var report = newForm("cnca", "证书报告", reportFields(), func(d *decoder) {
	d.s.Kind, d.s.Party, d.s.Regime = attestation.Certification, attestation.ThirdParty, attestation.Compulsory
	d.need("证书编号", len(d.s.Identifiers) > 0 && d.s.Identifiers[0].Scheme == cccNumber)
	d.need("发证日期", !d.s.Dates.Issued.IsZero())
	d.need("委托人名称(主)", len(d.client.Name) > 0)
	d.need("产品名称及单元(主)", len(d.s.Objects) > 0 && len(d.s.Objects[0].Name) > 0)
	d.compulsory()
	d.gather()
	d.body()
	d.history("证书状态", true)
})

// need adds a finding for a field that must have a value. One that has a value
// which was refused has its finding already.
func (d *decoder) need(name string, there bool) {
	if c := d.r.cells[d.r.form.index[name]]; !there && strings.TrimSpace(c.value) == "" {
		d.r.fail(fault.SchemaMissingField, name, "required")
	}
}

// compulsory says what follows from the number of a compulsory certificate: its
// scheme, and the product class in the catalogue at the first issue.
func (d *decoder) compulsory() {
	sc := d.scheme()
	sc.ID, sc.Name = cccScheme, said(mainLang, cccName)
	n, ok := attestation.ParseCCC(d.number())
	if !ok {
		return
	}
	day := d.s.Dates.Issued.Value
	if f := d.s.Dates.FirstIssued; f != nil {
		day = f.Value
	}
	p, answer := catalogue.Lookup(n.Class, day)
	if answer != catalogue.Listed {
		return
	}
	class := attestation.Code{System: "cn.cnca.catalogue/" + p.Source.ID, Code: n.Class}
	sc.Code = &class
	o := d.object()
	o.Classifications = append([]attestation.Code{class}, o.Classifications...)
}

func (d *decoder) number() string {
	if len(d.s.Identifiers) == 0 {
		return ""
	}
	return d.s.Identifiers[0].Value
}

// body makes the issuer. Where the report does not name it, the number does, by
// the code of the body.
func (d *decoder) body() {
	p := &d.s.Issuer
	p.Role = issuerRole
	n, ok := attestation.ParseCCC(d.number())
	if !ok {
		n.Body = "??"
	}
	if len(p.Name) == 0 {
		p.Name = said(mainLang, unnamed+n.Body)
		d.assumed(dialect.Warning, "发证机构名称")
	}
	if len(p.Identifiers) == 0 && ok {
		p.Identifiers = []attestation.Identifier{{Scheme: "cn.cnca.bodycode", Value: n.Body}}
	}
}

const (
	issuerRole = "certificationBody"
	unnamed    = "认证机构 " // before the code of a body that is not named
)

// putID adds an identifier of the document; the number goes first.
func (d *decoder) putID(scheme, v string, atFront bool) {
	id := attestation.Identifier{Scheme: scheme, Value: v}
	if atFront {
		d.s.Identifiers = append([]attestation.Identifier{id}, d.s.Identifiers...)
		return
	}
	d.s.Identifiers = append(d.s.Identifiers, id)
}

func ownID(scheme string) func(*encoder) string {
	return func(e *encoder) string {
		for i := range e.s.Identifiers {
			if e.s.Identifiers[i].Scheme == scheme {
				return e.s.Identifiers[i].Value
			}
		}
		return ""
	}
}

// dated makes a field of a date of the document.
func dated(number int, name, member string, at func(*attestation.Dates) **attestation.DateV, inclusive attestation.Flag) field {
	return field{number: number, name: name, canonical: "dates." + member, set: func(d *decoder, v string) {
		if date := d.date(v); date != nil {
			date.Inclusive = inclusive
			*at(&d.s.Dates) = date
		}
	}, get: func(e *encoder) string { return dateText(*at(&e.s.Dates)) }}
}

func issuedField(number int, name string) field {
	return field{number: number, name: name, canonical: "dates.issued", set: func(d *decoder, v string) {
		if date := d.date(v); date != nil {
			d.s.Dates.Issued = *date
		}
	}, get: func(e *encoder) string { return dateText(&e.s.Dates.Issued) }}
}

func firstIssued(d *attestation.Dates) **attestation.DateV { return &d.FirstIssued }
func expires(d *attestation.Dates) **attestation.DateV     { return &d.Expires }
func changed(d *attestation.Dates) **attestation.DateV     { return &d.Changed }
func decided(d *attestation.Dates) **attestation.DateV     { return &d.Decided }
func reportedOn(d *attestation.Dates) **attestation.DateV  { return &d.Reported }

// eventDate is a date that belongs to an event.
func eventDate(number int, name string, read func(*status) **attestation.DateV, write func(*encoder) *attestation.DateV) field {
	return field{number: number, name: name, canonical: "statusEvents", set: func(d *decoder, v string) { *read(&d.status) = d.date(v) },
		get: func(e *encoder) string { return dateText(write(e)) }}
}

func effective(ev attestation.Event) func(*encoder) *attestation.DateV {
	return func(e *encoder) *attestation.DateV {
		if last := e.last(ev); last != nil {
			return &last.Effective
		}
		return nil
	}
}

func reason(number int, name string, ev attestation.Event, read func(*status) *string) field {
	return field{number: number, name: name, canonical: "statusEvents", set: func(d *decoder, v string) { *read(&d.status) = v },
		get: func(e *encoder) string {
			if last := e.last(ev); last != nil {
				return first(last.Reason)
			}
			return ""
		}}
}

func statusField(number int, name string, inWords bool) field {
	return field{number: number, name: name, canonical: "statusEvents", note: "01 有效, 02 暂停, 03 撤销, 04 注销; other words for them are kept in reasonCode or as they were written; an expiry is no event",
		set: func(d *decoder, v string) { d.status.word = v }, get: func(e *encoder) string { return e.statusWord(inWords) }}
}

// attachment is evidence of a purpose; what is no address stays as it is.
func attachment(number int, name, purpose string) field {
	return field{number: number, name: name, canonical: "evidence[" + purpose + "]", note: "an absolute URI; another text is carried as it is",
		set: func(d *decoder, v string) {
			if !isURI(v) {
				d.leave()
				return
			}
			d.s.Evidence = append(d.s.Evidence, attestation.Evidence{Purpose: purpose, Link: attestation.Link{URL: v}})
		}, get: func(e *encoder) string {
			i := slices.IndexFunc(e.s.Evidence, func(x attestation.Evidence) bool { return x.Purpose == purpose })
			if i < 0 {
				return ""
			}
			return e.s.Evidence[i].URL
		}}
}

func objectName(number int, name, lang string) field {
	get := func(e *encoder) string { return first(e.object().Name) }
	if lang == secondLang {
		get = func(e *encoder) string { return second(e.object().Name) }
	}
	return field{number: number, name: name, canonical: "objects[0].name", note: lang, set: func(d *decoder, v string) { setText(&d.object().Name, lang, v) }, get: get}
}

func modelsField(number int) field {
	return field{number: number, name: "规格型号", canonical: "objects[0].models", note: "separated by 、；, or a new line; what stands in full-width brackets is a note; 见附页 makes the list incomplete",
		set: (*decoder).models, get: (*encoder).models}
}

func requirementsField(number int, name string, mine func(*encoder) bool) field {
	return field{number: number, name: name, canonical: "requirements", note: "standards by number and edition; a rule of the CNCA is scheme.rule; else a criterion by its words",
		set: (*decoder).requirements, get: func(e *encoder) string {
			if !mine(e) {
				return ""
			}
			return e.requirements()
		}}
}

func always(*encoder) bool { return true }

func issuerName(name string) field {
	return field{name: name, canonical: "issuer.name", note: "none of the 77; where it is absent, the issuer is called by the body code of the number",
		set: func(d *decoder, v string) { setText(&d.s.Issuer.Name, mainLang, v) },
		get: func(e *encoder) string {
			n := first(e.s.Issuer.Name)
			if number, ok := attestation.ParseCCC(ownID(cccNumber)(e)); ok && n == unnamed+number.Body {
				return ""
			}
			return n
		}}
}

func issuerApproval(name string) field {
	return field{name: name, canonical: "issuer.identifiers", note: "CNCA approval number", set: func(d *decoder, v string) {
		d.s.Issuer.Identifiers = append(d.s.Issuer.Identifiers, attestation.Identifier{Scheme: "cn.cnca.approval", Value: v})
	}, get: func(e *encoder) string { return identifier(&e.s.Issuer, "cn.cnca.approval") }}
}

func reportFields() []field {
	list := []field{
		{number: 1, name: "项目编号", canonical: "identifiers[1]", set: func(d *decoder, v string) { d.putID("cn.cnca.project", v, false) }, get: ownID("cn.cnca.project")},
		{number: 2, name: "证书编号", canonical: "identifiers[0]", set: func(d *decoder, v string) { d.putID(cccNumber, v, true) }, get: ownID(cccNumber)},
		{number: 3, name: "互认标识", canonical: "recognitionClaims[0].mark", set: func(d *decoder, v string) {
			d.s.RecognitionClaims = []attestation.RecognitionClaim{{Mark: v}}
		}, get: func(e *encoder) string {
			if len(e.s.RecognitionClaims) == 0 {
				return ""
			}
			return e.s.RecognitionClaims[0].Mark
		}},
		statusField(4, "证书状态", false),
		dated(5, "初次获证日期", "firstIssued", firstIssued, attestation.Unset),
		issuedField(6, "发证日期"),
		dated(7, "到期日期", "expires", expires, attestation.True),
		{number: 8, name: "认证模式", canonical: "scheme.mode", set: func(d *decoder, v string) { d.scheme().Mode = said(mainLang, v) }, get: func(e *encoder) string {
			if e.s.Scheme == nil {
				return ""
			}
			return first(e.s.Scheme.Mode)
		}},
		requirementsField(9, "认证依据的标准和技术要求", always),
		objectName(10, "产品名称及单元(主)", mainLang), objectName(11, "产品名称及单元(次,英)", secondLang),
		modelsField(12),
		{number: 13, name: "HS编码", canonical: "objects[0].classifications", note: "wco.hs of the edition in force at the issue; the product class is that of the number",
			set: (*decoder).hs, get: (*encoder).hs},
	}
	list = append(list, client.reported("委托人", 14)...)
	list = append(list, maker.reported("生产者", 28)...)
	list = append(list, factory.reported("生产企业", 42)...)
	return append(list,
		reason(60, "暂停原因", attestation.EventSuspend, func(s *status) *string { return &s.suspendReason }),
		eventDate(61, "暂停开始", func(s *status) **attestation.DateV { return &s.suspended }, effective(attestation.EventSuspend)),
		eventDate(62, "暂停结束", func(s *status) **attestation.DateV { return &s.until }, func(e *encoder) *attestation.DateV {
			if last := e.last(attestation.EventSuspend); last != nil {
				return last.Until
			}
			return nil
		}),
		reason(63, "撤销原因", attestation.EventWithdraw, func(s *status) *string { return &s.withdrawReason }),
		eventDate(64, "撤销日期", func(s *status) **attestation.DateV { return &s.withdrawn }, effective(attestation.EventWithdraw)),
		reason(65, "注销原因", attestation.EventCancel, func(s *status) *string { return &s.cancelReason }),
		eventDate(66, "注销时间", func(s *status) **attestation.DateV { return &s.cancelled }, effective(attestation.EventCancel)),
		field{number: 67, name: "变更原因", canonical: "statusEvents", note: "reason of an amendment on the day of 变更时间", set: func(d *decoder, v string) {
			d.status.changeText, d.status.changeField = v, d.name
		}, get: func(e *encoder) string {
			if last := e.last(attestation.EventAmend); last != nil {
				return first(last.Reason)
			}
			return ""
		}},
		dated(68, "变更时间", "changed", changed, attestation.Unset),
		field{number: 69, name: "认证决定人员", note: "a person: carried as it is"},
		dated(70, "认证决定日期", "decided", decided, attestation.Unset),
		field{number: 71, name: "转机构原证书号", canonical: "relations[transferFrom]", note: "the issuer of the other certificate is not told: its body code stands for it",
			set: (*decoder).transfer, get: func(e *encoder) string {
				i := slices.IndexFunc(e.s.Relations, func(r attestation.Relation) bool { return r.Type == "transferFrom" })
				if i < 0 {
					return ""
				}
				return e.s.Relations[i].Target.Number
			}},
		attachment(72, "附件1扫描件", "certificate"), attachment(73, "附件2产品规格型号", "modelList"),
		attachment(74, "附件3型式试验报告", "typeTestReport"), attachment(75, "附件4其他", "other"),
		field{number: 76, name: "上报类型", note: "of the report, not of the certificate: carried as it is"},
		remark(77, "备注"),
		issuerName("发证机构名称"), issuerApproval("发证机构批准号"),
	)
}

func remark(number int, name string) field {
	return field{number: number, name: name, canonical: "conditions[0]", set: func(d *decoder, v string) {
		d.s.Conditions = []attestation.LText{said(mainLang, v)}
	}, get: func(e *encoder) string {
		if len(e.s.Conditions) == 0 {
			return ""
		}
		return first(e.s.Conditions[0])
	}}
}

// transfer reads the number that the certificate had at another body. One that is
// no number stays as it is.
func (d *decoder) transfer(v string) {
	n, ok := attestation.ParseCCC(v)
	if !ok {
		d.leave()
		return
	}
	d.s.Relations = append(d.s.Relations, attestation.Relation{Type: "transferFrom", Target: attestation.Target{Issuer: "cn.cnca.bodycode:" + n.Body, Scheme: cccNumber, Number: v}})
}
