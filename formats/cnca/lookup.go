package cnca

import (
	"net/url"
	"slices"
	"strconv"

	"accord/attestation"
	"accord/formats/dialect"
)

// lookup is the record that the public look-up shows for one certificate, row the
// short one of its lists. They are two forms of one format: which one a document
// is, is seen by its number.
var (
	lookup = newForm("cnca-lookup", "证书查询结果", lookupFields(), func(d *decoder) { d.shown("证书编号", "证书状态", "颁证日期") })
	row    = newForm("cnca-lookup", "证书查询列表", rowFields(), func(d *decoder) {
		if d.s.Dates.Issued.IsZero() && d.s.Dates.Reported != nil {
			// The list has no day of issue; what was reported had been issued.
			plain := *d.s.Dates.Reported
			plain.Lexical = ""
			d.s.Dates.Issued = plain
			d.assumed(dialect.Warning, "zersda")
		}
		d.shown("certNumber", "certiStatus", "zersda")
	})
)

// shown completes a record of the look-up.
func (d *decoder) shown(number, status, issued string) {
	d.s.Kind, d.s.Party, d.s.Regime = attestation.Certification, attestation.ThirdParty, attestation.UnspecifiedRegime
	d.need(number, len(d.s.Identifiers) > 0)
	d.need(issued, !d.s.Dates.Issued.IsZero())
	if len(d.s.Identifiers) > 0 && d.s.Identifiers[0].Scheme == cccNumber {
		d.s.Regime = attestation.Compulsory
		d.compulsory()
	} else if d.schemeName != "" || d.projectCode != "" {
		sc := d.scheme()
		sc.ID = "urn:accord:id:cn.cnca.project:" + url.PathEscape(d.projectCode+d.schemeName)
		if d.projectCode != "" {
			sc.ID = "urn:accord:id:cn.cnca.project:" + url.PathEscape(d.projectCode)
			sc.Code = &attestation.Code{System: projectSystem, Code: d.projectCode}
		}
		sc.Name = said(mainLang, d.schemeName+d.projectCodeIfUnnamed())
	}
	o := d.object()
	if len(o.Name) == 0 && d.schemeName != "" {
		// A certificate that lists no product is of a system or a service.
		o.Type, o.Name = "managementSystem", said(mainLang, d.schemeName)
		d.assumed(dialect.Info, number)
	}
	d.gather()
	d.s.Issuer.Role = issuerRole
	if d.number() != "" && len(d.s.Issuer.Name) == 0 {
		d.body()
	}
	d.name = status
	d.history(status, false)
}

func (d *decoder) projectCodeIfUnnamed() string {
	if d.schemeName == "" {
		return d.projectCode
	}
	return ""
}

// projectSystem is the system of the codes of certification projects, whose first
// letter is their class.
const projectSystem = "cn.cnca.project"

// otherNumber is the scheme of certificates that are not compulsory.
const otherNumber = "cn.cnca.certificate"

func numberField(name string) field {
	return field{name: name, canonical: "identifiers[0]", note: "cn.cnca.ccc where it has its form, else cn.cnca.certificate", set: func(d *decoder, v string) {
		scheme := otherNumber
		if _, ok := attestation.ParseCCC(v); ok {
			scheme = cccNumber
		}
		d.putID(scheme, v, true)
	}, get: func(e *encoder) string { return e.s.Identifiers[0].Value }} // a document has one
}

// project is the name of a certification project. That of a compulsory
// certificate is given with its number.
func project(name string) field {
	return field{name: name, canonical: "scheme.name", set: func(d *decoder, v string) {
		d.schemeName = v
		if d.s.Identifiers != nil && d.s.Identifiers[0].Scheme == cccNumber && v != cccName {
			d.leave()
		}
	}, get: func(e *encoder) string {
		if e.s.Scheme == nil {
			return ""
		}
		return first(e.s.Scheme.Name)
	}}
}

func isCCC(e *encoder) bool    { return e.s.Identifiers[0].Scheme == cccNumber }
func isNotCCC(e *encoder) bool { return !isCCC(e) }

// counted is a number of the cycle of a management system.
func counted(name, member string, at func(*attestation.Cycle) **int) field {
	return field{name: name, canonical: "cycle." + member, set: func(d *decoder, v string) {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			d.leave()
			return
		}
		if d.s.Cycle == nil {
			d.s.Cycle = &attestation.Cycle{}
		}
		*at(d.s.Cycle) = &n
	}, get: func(e *encoder) string {
		if e.s.Cycle == nil || *at(e.s.Cycle) == nil {
			return ""
		}
		return strconv.Itoa(**at(e.s.Cycle))
	}}
}

func lookupFields() []field {
	list := []field{
		numberField("证书编号"), statusField(0, "证书状态", true), issuedField(0, "颁证日期"),
		dated(0, "证书到期日期", "expires", expires, attestation.True), dated(0, "初次获证日期", "firstIssued", firstIssued, attestation.Unset),
		dated(0, "信息上报日期", "reported", reportedOn, attestation.Unset), dated(0, "变更日期", "changed", changed, attestation.Unset),
		project("认证项目"),
		requirementsField(0, "认证依据", isNotCCC), requirementsField(0, "认证依据的标准和技术要求", isCCC),
		{name: "认证范围/认证覆盖的业务范围", canonical: "scope", set: func(d *decoder, v string) { d.s.Scope = said(mainLang, v) },
			get: func(e *encoder) string { return first(e.s.Scope) }},
		{name: "是否覆盖多场所", note: "follows from the sites; carried as it is"},
		{name: "认证覆盖的场所名称及地址", canonical: "sites[0].name", note: "one text that is not taken apart", set: func(d *decoder, v string) {
			if !fits(v) {
				d.leave()
				return
			}
			d.s.Sites = []attestation.Site{{Name: said(mainLang, v)}}
		}, get: func(e *encoder) string {
			if len(e.s.Sites) == 0 {
				return ""
			}
			return first(e.s.Sites[0].Name)
		}},
		counted("监督次数", "surveillanceCount", func(c *attestation.Cycle) **int { return &c.SurveillanceCount }),
		counted("再认证次数", "recertificationCount", func(c *attestation.Cycle) **int { return &c.RecertificationCount }),
		counted("本证书体系覆盖人数", "employees", func(c *attestation.Cycle) **int { return &c.Employees }),
		{name: "证书使用的认可标识", canonical: "accreditation[0].mark", set: func(d *decoder, v string) {
			d.s.Accreditation = []attestation.Accreditation{{Body: attestation.Party{Name: said(mainLang, v)}, Mark: v}}
		}, get: func(e *encoder) string {
			if len(e.s.Accreditation) == 0 {
				return ""
			}
			return e.s.Accreditation[0].Mark
		}},
		{name: "产品类别", note: "class and name; the class is that of the number: carried as it is"},
		objectName(0, "产品名称及单元（主）", mainLang), objectName(0, "产品名称及单元（次）", secondLang), modelsField(0),
		{name: "是否是子证书", note: "follows from 主认证证书号; carried as it is"},
		{name: "主认证证书号", canonical: "relations[subCertificateOf]", set: func(d *decoder, v string) {
			scheme := otherNumber
			if _, ok := attestation.ParseCCC(v); ok {
				scheme = cccNumber
			}
			d.s.Relations = append(d.s.Relations, attestation.Relation{Type: "subCertificateOf", Target: attestation.Target{Issuer: "cn.cnca", Scheme: scheme, Number: v}})
		}, get: func(e *encoder) string {
			i := slices.IndexFunc(e.s.Relations, func(r attestation.Relation) bool { return r.Type == "subCertificateOf" })
			if i < 0 {
				return ""
			}
			return e.s.Relations[i].Target.Number
		}},
		{name: "服务认证所属领域", note: "carried as it is"},
		{name: "认证相关员工数量", note: "carried as it is"},
	}
	list = append(list, client.shown("认证委托人")...)
	list = append(list, maker.shown("生产者（制造商）")...)
	list = append(list, factory.shown("生产企业")...)
	list = append(list, holder.shown("获证组织")...)
	return append(list,
		issuerName("发证机构名称"), issuerApproval("发证机构批准号"),
		field{name: "发证机构地址", canonical: "issuer.address", set: func(d *decoder, v string) { setText(&d.s.Issuer.Address, mainLang, v) },
			get: func(e *encoder) string { return first(e.s.Issuer.Address) }},
		field{name: "发证机构电话", canonical: "issuer.contacts[0].phone", set: func(d *decoder, v string) { contact(&d.s.Issuer).Phone = v },
			get: func(e *encoder) string {
				if len(e.s.Issuer.Contacts) == 0 {
					return ""
				}
				return e.s.Issuer.Contacts[0].Phone
			}},
		issuerAttribute("发证机构网址"), issuerAttribute("发证机构有效期"), issuerAttribute("发证机构状态"), issuerAttribute("发证机构业务范围"),
	)
}

func issuerAttribute(name string) field {
	return field{name: name, canonical: "issuer.attributes", set: func(d *decoder, v string) {
		if !fits(v) {
			d.leave()
			return
		}
		d.s.Issuer.Attributes = append(d.s.Issuer.Attributes, attestation.Attribute{Name: name, Value: v})
	}, get: func(e *encoder) string { return attribute(&e.s.Issuer, name) }}
}

func rowFields() []field {
	return []field{
		numberField("certNumber"), holder.names("orgName", mainLang),
		issuerApproval("rzjgId"), issuerName("rzjgIdName"),
		{name: "authProjCode", canonical: "scheme.code", set: func(d *decoder, v string) {
			d.projectCode = v
			if d.s.Identifiers != nil && d.s.Identifiers[0].Scheme == cccNumber {
				d.leave()
			}
		}, get: func(e *encoder) string {
			if e.s.Scheme == nil || e.s.Scheme.Code == nil || e.s.Scheme.Code.System != projectSystem {
				return ""
			}
			return e.s.Scheme.Code.Code
		}},
		project("authProjCodeName"), statusField(0, "certiStatus", false),
		{name: "certiStatusName", note: "the word for certiStatus", set: func(d *decoder, v string) {
			if d.status.word == "" {
				d.status.word = v
			} else if w, ok := wordOf(v); !ok || w.code != d.status.word {
				d.leave()
			}
		}, get: func(e *encoder) string { return e.statusWord(true) }},
		dated(0, "certiEDate", "expires", expires, attestation.True), dated(0, "zersda", "reported", reportedOn, attestation.Unset),
		{name: "showtemp", note: "1 system or service, 2 CCC, 3 food and farming, 4 voluntary product: carried as it is"},
		{name: "checkC", note: "of the page: carried as it is"},
	}
}
