import PullcordDrafting
import PullcordModel
import Testing

/// Descriptions of APIs become adapters.
@Suite
struct OpenAPITests {
    private static let shop = """
        openapi: 3.0.3
        info: { title: Shop API, version: "1" }
        servers:
          - url: https://{region}.shop.example/v1/
            variables: { region: { default: eu, enum: [eu, us] } }
        security: [{ key: [] }]
        components:
          securitySchemes:
            key: { type: apiKey, in: header, name: X-Key }
            login: { type: oauth2, flows: { clientCredentials: { tokenUrl: "https://login.example/token", scopes: { orders.read: r, orders.write: w } } } }
          parameters:
            page: { name: page, in: query, schema: { type: integer, default: 1 } }
            size: { name: per_page, in: query, schema: { type: integer, maximum: 50 } }
          schemas:
            Base: { type: object, required: [id], properties: { id: { type: integer } } }
            Order:
              allOf:
                - $ref: "#/components/schemas/Base"
                - type: object
                  properties: { updated_at: { type: string, format: date-time }, state: { type: string } }
            Orders: { type: array, items: { $ref: "#/components/schemas/Order" } }
        paths:
          /orders:
            get:
              summary: All orders
              parameters:
                - $ref: "#/components/parameters/page"
                - $ref: "#/components/parameters/size"
                - { name: updated_since, in: query, schema: { type: string } }
                - { name: sort, in: query, schema: { type: string, enum: [created_at, updated_at] } }
                - { name: tenant, in: query, required: true, schema: { type: string } }
              responses: { "200": { content: { application/json: { schema: { type: object, properties: { total: { type: integer }, orders: { $ref: "#/components/schemas/Orders" } } } } } } }
          /orders/{order_id}:
            get: { responses: { "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } } }
          /orders/{order_id}/lines:
            get: { responses: { "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Orders" } } } } } }
          /shops/{shop}/staff:
            get:
              parameters: [{ name: shop, in: path, required: true, schema: { type: string } }]
              responses: { "200": { content: { application/json: { schema: { type: object, properties: { data: { $ref: "#/components/schemas/Orders" }, next_cursor: { type: string } } } } } } }
          /search:
            post: { operationId: searchThings, responses: { "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Orders" } } } } } }
          /login:
            post: { responses: { "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Orders" } } } } } }

        """

    private static let old = """
        {"swagger": "2.0", "info": {"title": "Old"}, "host": "old.example", "basePath": "/api", "schemes": ["http", "https"],
         "securityDefinitions": {"b": {"type": "basic"}},
         "paths": {"/things": {"get": {"parameters": [{"name": "offset", "in": "query", "type": "integer"}, {"name": "limit", "in": "query", "type": "integer", "default": 20}],
           "responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Thing"}}}}}}},
         "definitions": {"Thing": {"type": "object", "properties": {"uuid": {"type": "string"}}}}}
        """

    private static func document(_ text: String) throws -> OpenAPIDocument {
        try OpenAPIDocument(Array(text.utf8), file: "api.yaml")
    }

    private static func draft(_ text: String, _ names: [String]?) throws -> String {
        let document = try document(text)
        var conversion = document.draft(of: try document.chosen(names), name: nil)
        let origin = Place(file: "api.yaml", line: 1, column: 1)
        #expect(conversion.draft.settle(from: origin, check: Drafted.complaints(in:)) == [])
        #expect(Drafted.complaints(in: conversion.draft.text) == [], "\(conversion.draft.text)")
        return conversion.draft.text
    }

    @Test func `collections are found, with what is known of each`() throws {
        let found = try Self.document(Self.shop).collections
        #expect(found.map(\.name) == ["orders", "lines", "staff", "records"])
        #expect(found.map(\.records) == [".orders", ".", ".data", "."])
        #expect(found.map(\.parent) == [nil, "orders", nil, nil])
        #expect(found.map(\.pages) == ["number", "none", "none", "none"])
        #expect(found[0].since == "updated_since")
        #expect(found.allSatisfy { $0.key == [".id"] })
    }

    @Test func `a chosen collection becomes a stream, its parent too`() throws {
        let text = try Self.draft(Self.shop, ["lines"])
        for words in [
            "adapter: shop-api", "base_url: \"https://${params.region}.shop.example/v1\"",
            "api_key: { header: X-Key", "default: eu", "allowed: [eu, us]",
            "page: \"${page.number}\"",
            "per_page: \"${page.size}\"", "size: 50", "updated_since: \"${cursor}\"",
            "sort: updated_at",
            "tenant: \"${params.tenant}\"", "from: .updated_at", "stream: orders", "order_id: .id",
            "\"/orders/${parent.order_id}/lines\"",
        ] { #expect(text.contains(words), "\(words) in \(text)") }
        #expect(!text.contains("staff"))
    }

    @Test func `all of them, with parameters of the path and a search`() throws {
        let text = try Self.draft(Self.shop, nil)
        #expect(text.contains("\"/shops/${params.shop}/staff\""))
        #expect(text.contains("method: POST"))
    }

    @Test func `Swagger 2 in JSON is read alike`() throws {
        let text = try Self.draft(Self.old, nil)
        for words in [
            "base_url: https://old.example/api", "key: .uuid", "offset: \"${page.offset}\"",
            "size: 20", "basic:",
        ] {
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test(
        arguments: [
            ("bearer", "{ type: http, scheme: bearer }", "bearer: \"${params.token}\""),
            ("digest", "{ type: http, scheme: digest }", "digest: { username"),
            ("query", "{ type: apiKey, in: query, name: k }", "query: k"),
            ("cookie", "{ type: apiKey, in: cookie, name: k }", "cookie: k"),
            (
                "client",
                "{ type: oauth2, flows: { clientCredentials: { tokenUrl: \"https://l.example/t\", scopes: { read: x, write: y } } } }",
                "scope: read"
            ),
            (
                "password",
                "{ type: oauth2, flows: { password: { tokenUrl: \"https://l.example/t\" } } }",
                "grant: password"
            ),
            (
                "person",
                "{ type: oauth2, flows: { authorizationCode: { tokenUrl: \"https://l.example/t\" } } }",
                "bearer:"
            ),
        ])
    func `each security scheme becomes auth`(name: String, scheme: String, expected: String) throws
    {
        let text = try Self.draft(
            """
            openapi: 3.1.0
            servers: [{ url: https://api.example.com }]
            components: { securitySchemes: { \(name): \(scheme) } }
            paths: { /things: { get: { responses: { "200": { content: { application/json: { schema: { type: array, items: { type: object, properties: { id: { type: [string, "null"] } } } } } } } } } } }
            """, nil)
        #expect(text.contains(expected), "\(text)")
    }

    @Test(
        arguments: [
            ("a: 1", "openapi_version"), ("openapi: 4.0.0", "openapi_version"), ("", "yaml_empty"),
            ("{", "yaml_syntax"), ("[1]", "openapi_version"), ("openapi: [3.0]", "openapi_version"),
        ])
    func `what describes no API is refused`(text: String, code: String) {
        #expect(throws: Problem(code: code, message: "")) { try Self.document(text) }
    }

    @Test(
        arguments: [
            "paths: { /a: { get: { responses: { \"200\": { $ref: \"#/x\" } } } } }",
            "x: { $ref: \"#/x\" }\npaths: { /a: { $ref: \"#/x\" } }",
            "paths: { /a: { get: { responses: { \"200\": { content: { application/json: { schema: { $ref: \"#/s\" } } } } } } } }\ns: { allOf: [{ $ref: \"#/s\" }, { $ref: \"#/s\" }] }",
            "paths: 3", "paths: { /a: 3, b: {} }",
        ])
    func `references that lead nowhere or in circles lead to no collection`(rest: String) throws {
        #expect(try Self.document("openapi: 3.0.0\n\(rest)").collections.isEmpty)
    }

    @Test func `an unknown collection is answered with those that are there`() throws {
        let document = try Self.document(Self.shop)
        #expect(throws: Problem(code: "collection_unknown", message: "")) {
            try document.chosen(["order"])
        }
    }
}
