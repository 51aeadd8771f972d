import ArgumentParser
import PullcordModel
import PullcordSigning

struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Make a new secret for a subscription.",
        discussion: """
            Prints whsec_ and 32 random bytes as base64. Keep it where the receiver and the \
            bridge file can read it: secret: "${env.NAME}" or "${file:/run/secrets/NAME}".
            """)

    func run() {
        StandardOutput.writeLine(SigningSecret.generate().text.expose())
    }
}
