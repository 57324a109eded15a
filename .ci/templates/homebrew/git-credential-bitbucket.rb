class GitCredentialBitbucket < Formula
  desc "Git credential helper for Bitbucket: verified tokens, kept in the keychain"
  homepage "@HOMEPAGE@"
  url "@FILES@/git-credential-bitbucket-@VERSION@-source.tar.gz"
  sha256 "@SHA256 git-credential-bitbucket-@VERSION@-source.tar.gz@"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args
    man1.install "docs/git-credential-bitbucket.1"
    bash_completion.install "docs/completions/git-credential-bitbucket"
    zsh_completion.install "docs/completions/_git-credential-bitbucket"
    fish_completion.install "docs/completions/git-credential-bitbucket.fish"
  end

  def caveats
    <<~EOS
      Have Git use it, once for each user:
        git credential-bitbucket configure
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/git-credential-bitbucket --version")
    assert_empty pipe_output("#{bin}/git-credential-bitbucket get", "protocol=https\nhost=example.com\n\n", 0)
  end
end
