import ArgumentParser
import PullcordModel
import PullcordSigning

struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Make a new secret for a subscription.",
        discussion: """
            Prints whsec_ and 32 random bytes as base64. Keep it where the receiver and the \
            bridge file can read it: secret: "${env.NAME}" or "${file:/run/secrets/NAME}". With \
            --ed25519 it prints two lines: the private key whsk_…, for the key ed25519 of the \
            subscription, and the public key whpk_…, for the receiver.
            """)

    @Flag(help: "Make a pair of Ed25519 keys instead.")
    var ed25519 = false

    func run() {
        guard ed25519 else {
            StandardOutput.writeLine(SigningSecret.generate().text.expose())
            return
        }
        let key = Ed25519Key.generate()
        StandardOutput.writeLine(key.text.expose())
        StandardOutput.writeLine(key.publicKey.text)
    }
}
