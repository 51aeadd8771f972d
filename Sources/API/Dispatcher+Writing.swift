import HTTPTypes
import Hummingbird
import NIOCore

/// From a route's answer to what goes over the wire.
extension Dispatcher {
    static func response(
        _ answer: APIAnswer, isHead: Bool, closes: Bool
    ) -> Response {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        if !answer.contentType.isEmpty { headers[.contentType] = answer.contentType }
        if let name = HTTPField.Name("content-security-policy") {
            headers[name] = "default-src 'none'; frame-ancestors 'none'"
        }
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        if closes { headers[.connection] = "close" }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .bytes(let bytes):
            if isHead {
                headers[.contentLength] = String(bytes.count)
                return Response(status: status, headers: headers)
            }
            return Response(
                status: status, headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let write):
            if isHead { return Response(status: status, headers: headers) }
            return Response(status: status, headers: headers, body: ResponseBody(write))
        }
    }
}
