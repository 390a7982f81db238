package cnca

import (
	"slices"

	"accord/attestation"
)

// who finds a party in what is read and in what is written.
type who struct {
	role  string
	read  func(*decoder) *attestation.Party
	write func(*encoder) *attestation.Party
}

var (
	client  = who{"client", func(d *decoder) *attestation.Party { return &d.client }, func(e *encoder) *attestation.Party { return e.client }}
	maker   = who{"manufacturer", func(d *decoder) *attestation.Party { return &d.manufacturer }, func(e *encoder) *attestation.Party { return e.maker }}
	factory = who{"factory", func(d *decoder) *attestation.Party { return &d.factory }, func(e *encoder) *attestation.Party { return e.factory }}
	holder  = who{"holder", func(d *decoder) *attestation.Party { return &d.holder }, func(e *encoder) *attestation.Party { return e.holder }}
)

// is makes a field of a party from what reads and what writes it.
func (w who) is(name, member string, set func(*decoder, *attestation.Party, string), get func(*attestation.Party) string) field {
	return field{name: name, canonical: "parties[" + w.role + "]." + member,
		set: func(d *decoder, v string) { set(d, w.read(d), v) },
		get: func(e *encoder) string {
			if p := w.write(e); p != nil {
				return get(p)
			}
			return ""
		}}
}

func setText(t *attestation.LText, lang, v string) {
	*t = append(*t, attestation.Text{Lang: lang, Value: v})
}

func (w who) country(name string) field {
	return w.is(name, "country", func(d *decoder, p *attestation.Party, v string) { d.country(v, p) },
		func(p *attestation.Party) string { return string(p.Country) })
}

func (w who) names(name, lang string) field {
	get := func(p *attestation.Party) string { return first(p.Name) }
	if lang == secondLang {
		get = func(p *attestation.Party) string { return second(p.Name) }
	}
	return w.is(name, "name", func(_ *decoder, p *attestation.Party, v string) { setText(&p.Name, lang, v) }, get)
}

func (w who) address(name, lang string) field {
	get := func(p *attestation.Party) string { return first(p.Address) }
	if lang == secondLang {
		get = func(p *attestation.Party) string { return second(p.Address) }
	}
	return w.is(name, "address", func(_ *decoder, p *attestation.Party, v string) { setText(&p.Address, lang, v) }, get)
}

func (w who) code(name string) field {
	return w.is(name, "identifiers", func(_ *decoder, p *attestation.Party, v string) { organisation(p, v) },
		func(p *attestation.Party) string {
			return identifier(p, "cn.uscc", "cn.gb11714", "cn.orgcode", foreignOrg)
		})
}

func (w who) postcode(name string) field {
	return w.is(name, "postcode", func(_ *decoder, p *attestation.Party, v string) { p.Postcode = v },
		func(p *attestation.Party) string { return p.Postcode })
}

// attr is a field that the model has as an attribute of the party, by the name
// that the register gives it.
func (w who) attr(name, attr string) field {
	return w.is(name, "attributes", func(d *decoder, p *attestation.Party, v string) {
		if !fits(v) {
			d.leave()
			return
		}
		p.Attributes = append(p.Attributes, attestation.Attribute{Name: attr, Value: v})
	}, func(p *attestation.Party) string { return attribute(p, attr) })
}

func contact(p *attestation.Party) *attestation.Contact {
	if len(p.Contacts) == 0 {
		p.Contacts = []attestation.Contact{{}}
	}
	return &p.Contacts[0]
}

func (w who) contactName(name string) field {
	return w.is(name, "contacts[0].name", func(_ *decoder, p *attestation.Party, v string) { contact(p).Name = said(mainLang, v) },
		func(p *attestation.Party) string {
			if len(p.Contacts) == 0 {
				return ""
			}
			return first(p.Contacts[0].Name)
		})
}

func (w who) phone(name string) field {
	return w.is(name, "contacts[0].phone", func(_ *decoder, p *attestation.Party, v string) { contact(p).Phone = v },
		func(p *attestation.Party) string {
			if len(p.Contacts) == 0 {
				return ""
			}
			return p.Contacts[0].Phone
		})
}

// reported are the fields of a party in the certificate report, in their order;
// number is that of the first. A factory has its own among them.
func (w who) reported(prefix string, number int) []field {
	list := []field{w.country(prefix + "所在国家地区")}
	if w.role == "factory" {
		list = append(list, w.is("工厂编号", "identifiers", func(_ *decoder, p *attestation.Party, v string) {
			p.Identifiers = append(p.Identifiers, attestation.Identifier{Scheme: "cn.cnca.factory", Value: v})
		}, func(p *attestation.Party) string { return identifier(p, "cn.cnca.factory") }))
	}
	list = append(list,
		w.names(prefix+"名称(主)", mainLang), w.names(prefix+"名称(次)", secondLang), w.code(prefix+"组织机构代码"),
		w.is(prefix+"注册地行政区划", "subdivision", func(_ *decoder, p *attestation.Party, v string) { p.Subdivision = v },
			func(p *attestation.Party) string { return p.Subdivision }),
		w.address(prefix+"地址(主)", mainLang), w.address(prefix+"地址(次)", secondLang), w.postcode(prefix+"邮编"),
		w.contactName(prefix+"联系人"), w.phone(prefix+"电话"), w.attr(prefix+"机构类型", "机构类型"),
		w.attr(prefix+"经济类型", "经济类型"), w.attr(prefix+"国民经济行业", "国民经济行业"), w.attr(prefix+"经营范围", "经营范围"))
	if w.role == "factory" {
		list = append(list, w.attr("人数", "人数"),
			w.degrees("经度", func(d *decoder) *string { return &d.lon }, func(g *attestation.Geo) string { return string(g.Lon) }),
			w.degrees("纬度", func(d *decoder) *string { return &d.lat }, func(g *attestation.Geo) string { return string(g.Lat) }))
	}
	for i := range list {
		list[i].number = number + i
	}
	return list
}

func (w who) degrees(name string, read func(*decoder) *string, write func(*attestation.Geo) string) field {
	return w.is(name, "geo", func(d *decoder, _ *attestation.Party, v string) { *read(d) = v }, func(p *attestation.Party) string {
		if p.Geo == nil {
			return ""
		}
		return write(p.Geo)
	})
}

// shown are the fields of a party in the look-up.
func (w who) shown(prefix string) []field {
	return []field{
		w.names(prefix+"-组织名称", mainLang), w.country(prefix + "-所在国别地区"), w.code(prefix + "-统一社会信用代码/组织机构代码"),
		w.address(prefix+"-组织地址", mainLang), w.postcode(prefix + "-邮政编码"),
	}
}

// gather puts the parties into the document. One that says the same as the client
// stands for it.
func (d *decoder) gather() {
	if d.lat != "" && d.lon != "" {
		d.factory.Geo = &attestation.Geo{Lat: attestation.Dec(d.lat), Lon: attestation.Dec(d.lon)}
	} else {
		for name, v := range map[string]string{"纬度": d.lat, "经度": d.lon} {
			if v != "" {
				d.left[d.r.form.index[name]] = true
			}
		}
	}
	d.s.Parties = make([]attestation.Party, 0, 4)
	for _, p := range [...]struct {
		party *attestation.Party
		role  string
	}{{&d.client, "client"}, {&d.manufacturer, "manufacturer"}, {&d.factory, "factory"}, {&d.holder, "holder"}} {
		switch {
		case same(p.party, &attestation.Party{}):
		case p.role != "client" && same(p.party, &d.client):
			d.s.Parties = append(d.s.Parties, attestation.Party{Role: p.role, Ref: "client"})
		default:
			d.s.Parties = append(d.s.Parties, *p.party)
			d.s.Parties[len(d.s.Parties)-1].Role = p.role
		}
	}
}

// same reports whether two parties say the same, whatever their roles.
func same(a, b *attestation.Party) bool {
	return slices.Equal(a.Name, b.Name) && a.Country == b.Country && a.Subdivision == b.Subdivision && a.Postcode == b.Postcode &&
		slices.Equal(a.Identifiers, b.Identifiers) && slices.Equal(a.Address, b.Address) && slices.Equal(a.Attributes, b.Attributes) &&
		(a.Geo == b.Geo || a.Geo != nil && b.Geo != nil && *a.Geo == *b.Geo) &&
		slices.EqualFunc(a.Contacts, b.Contacts, func(x, y attestation.Contact) bool {
			return slices.Equal(x.Name, y.Name) && x.Phone == y.Phone && x.Email == y.Email
		})
}
