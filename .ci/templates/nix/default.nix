# For callPackage of nixpkgs; Cargo.lock lies beside this.
{
  lib,
  rustPlatform,
  fetchurl,
  installShellFiles,
}:

rustPlatform.buildRustPackage {
  pname = "git-credential-bitbucket";
  version = "@VERSION@";

  src = fetchurl {
    url = "@FILES@/git-credential-bitbucket-@VERSION@-source.tar.gz";
    sha256 = "@SHA256 git-credential-bitbucket-@VERSION@-source.tar.gz@";
  };

  cargoLock.lockFile = ./Cargo.lock;

  nativeBuildInputs = [ installShellFiles ];

  # They need a keychain, several Gits and a network of their own.
  doCheck = false;

  postInstall = ''
    installManPage docs/git-credential-bitbucket.1
    installShellCompletion --bash docs/completions/git-credential-bitbucket
    installShellCompletion --zsh docs/completions/_git-credential-bitbucket
    installShellCompletion --fish docs/completions/git-credential-bitbucket.fish
  '';

  meta = {
    description = "Git credential helper for Bitbucket: verified tokens, kept in the keychain";
    homepage = "@HOMEPAGE@";
    license = with lib.licenses; [
      mit
      asl20
    ];
    mainProgram = "git-credential-bitbucket";
    platforms = lib.platforms.unix;
  };
}
