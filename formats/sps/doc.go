// Package sps owns the UN/CEFACT SPSCertificate (eCert, ePhyto), version 17, as a
// dialect: sanitary and phytosanitary certificates of single consignments.
//
//	SPSCertificate ──► Decode ──► Submission (kind sanitaryCertificate) + lifted binaries
//	               ◄── Encode ◄── the same, with its residual
//
// Such a certificate says something of one consignment, not of a type, so it can
// never be recognised under an agreement about types (domain.md, section 5). It is
// carried without loss and shown: number, dates, status, parties, way and goods
// are read into fields, the rest is residual (package carry). Binary attachments
// are lifted out by digest and named in the evidence. Certificates of other
// origin are not written in this dialect.
package sps
