// Package cnca owns the records of the Chinese certification register: the
// certificate report of 77 fields with which a body reports a compulsory
// certificate, and the record of the public look-up (domain.md, section 4.2),
// each as JSON and as XML.
//
//	octets ──► record (fields by name) ──► Submission + residual + losses
//	Submission ──► record, residual put back ──► octets + losses
//
// One table for each form names its fields in order, with what reads and what
// writes each; the mapping of docs/mappings is that table. What a field would be
// written as is compared with what was read: any difference in writing goes into
// one piece of residual ("lexical"), what no field of the model takes into a
// piece of its own, and both are put back.
//
// The XML is ours, for the register publishes none: root 证书报告 or 证书查询结果 in
// the namespace urn:accord:cnca:1, one element for each field. A character that
// an XML name cannot hold is written _xHHHH_ (ISO/IEC 9075-14, section 9.1), so
// 产品名称及单元(主) is 产品名称及单元_x0028_主_x0029_. Text is text: markup in it
// means nothing.
package cnca
