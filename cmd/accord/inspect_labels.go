package main

import "strings"

// sheetLabels are the labels of a sheet; their width makes the column.
var sheetLabels = []string{
	"Document", "Format", "Number", "Issue", "Kind", "Status", "Description", "Scheme", "Issuer", "Accreditation", "Authorisation", "Site",
	"Object", "  code", "  model", "  identifier", "  serial", "Scope", "Requirement", "Route", "Assessment", "  result", "Result", "Condition",
	"Marking", "Issued", "Valid from", "Expires", "Event", "Evidence", "Binary", "Residual", "Loss", "Content", "Signature",
}

// labels returns the words of a language by the English ones and those of the
// model. There are Chinese and Russian ones; everything else is English.
func labels(lang string) map[string]string {
	switch base, _, _ := strings.Cut(strings.ToLower(lang), "-"); base {
	case "zh":
		return chinese
	case "ru":
		return russian
	default:
		return english
	}
}

var english = map[string]string{
	"testReport": "test report", "inspectionReport": "inspection report", "calibrationCertificate": "calibration certificate",
	"sanitaryCertificate": "sanitary certificate", "nationalVoluntary": "national voluntary",
}

// The Chinese words are those of the registers (domain.md, section 4.2).
var chinese = map[string]string{
	"Document": "文件", "Format": "格式", "Number": "证书编号", "Issue": "版次", "Kind": "类别", "Status": "证书状态", "Description": "说明",
	"Scheme": "认证项目", "Issuer": "发证机构", "Accreditation": "认可", "Authorisation": "指定", "Site": "场所", "Object": "对象",
	"  code": "  分类代码", "  model": "  规格型号", "  identifier": "  标识", "  serial": "  序列号", "Scope": "认证范围", "Requirement": "认证依据",
	"Route": "运输路线", "Assessment": "评定", "  result": "  结果", "Result": "结果", "Condition": "条件", "Marking": "标志",
	"Issued": "颁证日期", "Valid from": "生效日期", "Expires": "证书到期日期", "Event": "状态事件", "Evidence": "附件", "Binary": "二进制附件",
	"Residual": "未映射内容", "Loss": "信息损失", "Content": "内容摘要", "Signature": "签名",
	"as the document tells it, today":              "按文件本身，截至今日",
	"present; check it with `accord verify`":       "有；用 `accord verify` 验证",
	"pieces that no field takes, kept as they are": "处无对应字段，原样保留",
	"as": "同",

	"certification": "认证", "declaration": "声明", "accreditation": "认可", "testReport": "检测报告", "inspectionReport": "检验报告",
	"calibrationCertificate": "校准证书", "validation": "审定", "verification": "核查", "sanitaryCertificate": "卫生证书", "recognitionDecision": "承认决定",
	"first party": "第一方", "second party": "第二方", "third party": "第三方", "unspecified party": "未说明",
	"compulsory": "强制性", "voluntary": "自愿性", "nationalVoluntary": "国推", "unspecified": "未说明",
	"valid": "有效", "suspended": "暂停", "withdrawn": "撤销", "cancelled": "注销", "expired": "过期失效", "superseded": "换证", "pending": "未生效", "unknown": "不明",
	"client": "认证委托人", "holder": "获证组织", "manufacturer": "生产者（制造商）", "factory": "生产企业", "importer": "进口商", "agent": "代理人", "customer": "客户",
	"consignor": "发货人", "consignee": "收货人", "certificationBody": "认证机构", "laboratory": "实验室",
	"product": "产品", "process": "过程", "service": "服务", "system": "体系", "managementSystem": "管理体系", "instrument": "仪器", "consignment": "货物", "facility": "设施", "productFamily": "产品族",
	"testing": "检测", "inspection": "检验", "audit": "审核", "calibration": "校准", "evaluation": "评价", "surveillance": "监督",
	"pass": "合格", "fail": "不合格", "notStated": "未说明", "conditionalPass": "有条件合格", "conditionalFail": "有条件不合格", "noPass": "不作合格判定", "noFail": "不作不合格判定",
	"issue": "颁发", "amend": "变更", "extendScope": "扩大范围", "reduceScope": "缩小范围", "suspend": "暂停", "restore": "恢复", "withdraw": "撤销", "cancel": "注销",
	"supersede": "换证", "renew": "再认证", "restoreAfterExpiry": "到期后恢复", "correct": "更正",
	"certificate": "证书", "modelList": "产品规格型号", "typeTestReport": "型式试验报告", "auditable": "可审核", "other": "其他",
	"info": "提示", "warning": "警告", "error": "错误",
}

var russian = map[string]string{
	"Document": "Документ", "Format": "Формат", "Number": "Номер", "Issue": "Издание", "Kind": "Вид", "Status": "Статус", "Description": "Описание",
	"Scheme": "Схема", "Issuer": "Выдан", "Accreditation": "Аккредитация", "Authorisation": "Назначение", "Site": "Площадка", "Object": "Объект",
	"  code": "  код", "  model": "  модель", "  identifier": "  идентификатор", "  serial": "  заводской номер", "Scope": "Область", "Requirement": "Требование",
	"Route": "Маршрут", "Assessment": "Оценка", "  result": "  результат", "Result": "Результат", "Condition": "Условие", "Marking": "Маркировка",
	"Issued": "Дата выдачи", "Valid from": "Действует с", "Expires": "Действует до", "Event": "Событие", "Evidence": "Приложение", "Binary": "Двоичные данные",
	"Residual": "Вне полей", "Loss": "Потеря", "Content": "Дайджест", "Signature": "Подпись",
	"as the document tells it, today":              "по самому документу, на сегодня",
	"present; check it with `accord verify`":       "есть; проверьте её командой `accord verify`",
	"pieces that no field takes, kept as they are": "фрагментов без соответствующего поля, сохранены как есть",
	"as": "тот же:",

	"certification": "сертификация", "declaration": "декларация", "accreditation": "аккредитация", "testReport": "протокол испытаний", "inspectionReport": "отчёт об инспекции",
	"calibrationCertificate": "сертификат калибровки", "validation": "валидация", "verification": "верификация", "sanitaryCertificate": "санитарный сертификат", "recognitionDecision": "решение о признании",
	"first party": "первая сторона", "second party": "вторая сторона", "third party": "третья сторона", "unspecified party": "сторона не указана",
	"compulsory": "обязательная", "voluntary": "добровольная", "nationalVoluntary": "национальная добровольная", "unspecified": "не указано",
	"valid": "действует", "suspended": "приостановлен", "withdrawn": "отозван", "cancelled": "прекращён", "expired": "истёк", "superseded": "заменён", "pending": "ещё не действует", "unknown": "неизвестно",
	"client": "заявитель", "holder": "держатель", "manufacturer": "изготовитель", "factory": "предприятие", "importer": "импортёр", "agent": "представитель", "customer": "заказчик",
	"consignor": "отправитель", "consignee": "получатель", "certificationBody": "орган по сертификации", "laboratory": "лаборатория",
	"product": "продукция", "process": "процесс", "service": "услуга", "system": "система", "managementSystem": "система менеджмента", "instrument": "средство измерений", "consignment": "партия", "facility": "объект производства", "productFamily": "семейство продукции",
	"testing": "испытание", "inspection": "инспекция", "audit": "аудит", "calibration": "калибровка", "evaluation": "оценивание", "surveillance": "инспекционный контроль",
	"pass": "соответствует", "fail": "не соответствует", "notStated": "не указано", "conditionalPass": "условно соответствует", "conditionalFail": "условно не соответствует", "noPass": "соответствие не подтверждено", "noFail": "несоответствие не подтверждено",
	"issue": "выдача", "amend": "изменение", "extendScope": "расширение области", "reduceScope": "сокращение области", "suspend": "приостановление", "restore": "возобновление", "withdraw": "отзыв", "cancel": "прекращение",
	"supersede": "замена", "renew": "продление", "restoreAfterExpiry": "возобновление после истечения", "correct": "исправление",
	"certificate": "сертификат", "modelList": "перечень моделей", "typeTestReport": "протокол типовых испытаний", "auditable": "для проверки", "other": "прочее",
	"info": "сведение", "warning": "предупреждение", "error": "ошибка",
}
