import PullcordAdapter
import PullcordFormats
import PullcordModel
import PullcordTransfer

/// What an answer means by its format: whether it is what was asked for, and a fault in it.
struct FormatRule {
    let plan: PollPlan
    /// What was asked for.
    let url: String

    /// An answer of another format than the adapter says.
    func foreignType(_ response: HTTPResponse) -> PollError? {
        guard let type = response.headers.value(of: "Content-Type"),
            !plan.stream.format.accepts(contentType: type)
        else { return nil }
        let shown = StrangerText.printable(String(type.prefix(100)))
        return PollError(
            code: .notData, address: plan.address, place: RequestURL.withoutSecrets(url),
            message: "status \(response.status) brought \(shown), not "
                + plan.stream.format.typesInWords,
            hint: "check the address and `format`; "
                + "`format: { \(plan.stream.format.kind.rawValue): { content_type: any } }` "
                + "takes whatever it is called")
    }

    /// A SOAP fault with a status of its own (mostly 500), and whether trying again may help.
    func fault(_ response: HTTPResponse, retryAfter: Duration?) -> (PollError, mayPass: Bool)? {
        guard plan.stream.format.kind == .soap, response.status >= 400,
            let fault = SOAPReader.fault(
                in: response.body, contentType: response.headers.value(of: "Content-Type"),
                plan.stream.format)
        else { return nil }
        let text = plan.redactor.redact(StrangerText.printable("\(fault.code): \(fault.text)"))
        let error = PollError(
            code: .soapFault, address: plan.address, place: RequestURL.withoutSecrets(url),
            message: "status \(response.status) with the fault \(text)",
            hint: fault.isOurs ? "the service blames the request: check its body and headers" : "",
            retryAfter: retryAfter)
        return (error, !fault.isOurs)
    }
}
