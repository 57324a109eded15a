# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_git_credential_bitbucket_global_optspecs
    string join \n h/help V/version
end

function __fish_git_credential_bitbucket_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_git_credential_bitbucket_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_git_credential_bitbucket_using_subcommand
    set -l cmd (__fish_git_credential_bitbucket_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -s V -l version -d 'Print version'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "configure" -d 'Make Git use this helper for bitbucket.org, or for a company\'s own server'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "unconfigure" -d 'Take back what `configure` wrote'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "login" -d 'Enter a credential, verify it and keep it'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "status" -d 'List what is kept'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "default" -d 'Choose the account to use where nothing else chooses'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "logout" -d 'Forget a credential'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "doctor" -d 'Find out why a push asks or fails, and heal it'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l store -d 'Keep tokens there; without this, where they were kept before' -r -f -a "auto\t''
keychain\t''
pass\t''
memory\t''
file\t''
none\t''"
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l timeout -d 'How long `memory` remembers' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l token-file -d 'Serve the token in this file, and keep none' -r -F
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l token-command -d 'Serve what this command prints, and keep nothing; it is run as Git runs helpers' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l username -d 'The user name that goes with it, for an app password' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l oauth-client -d 'Let people sign in with the browser as this OAuth client; its secret is asked for' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l data-center -d 'Speak for this server in place of bitbucket.org' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l alias -d 'Another host that takes the same credentials, as a mirror: HOST[:PORT]' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l system -d 'For everybody on this machine (an administrator\'s right)'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l local -d 'Only for the repository you are in'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l dry-run -d 'Say what would change, change nothing'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l ignore-environment -d 'Pass over tokens in variables, which may be another program\'s'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l with-secret -d 'Read the client\'s secret from standard input'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l no-oauth-client -d 'Forget the OAuth client'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l allow-http -d 'Agree to http://, which shows every token to whoever is on the way'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l allow-password -d 'Agree to passwords of accounts; without this only tokens are taken'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -l offline -d 'Do not ask the server whether it is a Bitbucket'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand configure" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand unconfigure" -l system -d 'For everybody on this machine (an administrator\'s right)'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand unconfigure" -l local -d 'Only for the repository you are in'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand unconfigure" -l dry-run -d 'Say what would change, change nothing'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand unconfigure" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l kind -d 'Its kind, when its form does not tell' -r -f -a "api-token\t''
access-token\t''
app-password\t''
http-token\t''
password\t''"
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l username -d 'Your Bitbucket username (app passwords need it)' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l email -d 'Your Atlassian e-mail, to verify without a repository' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l workspace -l project -d 'Use it for this workspace only; on a Data Center for this project, or ~user' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l repository -d 'Use it for this repository only: WORKSPACE/NAME' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l expires -d 'When it expires: 2027-11-24, 90d or 1y' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l site -d 'The Bitbucket that is meant, if several are configured: its URL or host' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l store -d 'Use this store, and not the one that Git\'s configuration names' -r -f -a "auto\t''
keychain\t''
pass\t''
memory\t''
file\t''
none\t''"
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l with-token -d 'Read the token from standard input; ask nothing'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l web -d 'Sign in with the browser; needs an OAuth client (see configure --oauth-client)'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l no-browser -d 'The same, but print the address to open'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l default -d 'Use it where nothing else chooses among accounts'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l replace -d 'Put it in the place of the only API token that it may renew'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -l beside -d 'Keep every other token, too'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand login" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand status" -l site -d 'The Bitbucket that is meant, if several are configured: its URL or host' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand status" -l store -d 'Use this store, and not the one that Git\'s configuration names' -r -f -a "auto\t''
keychain\t''
pass\t''
memory\t''
file\t''
none\t''"
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand status" -l check -d 'Ask the server once about each credential; fails if it refuses one'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand status" -l json -d 'Print JSON for programs'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand status" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand default" -l site -d 'The Bitbucket that is meant, if several are configured: its URL or host' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand default" -l store -d 'Use this store, and not the one that Git\'s configuration names' -r -f -a "auto\t''
keychain\t''
pass\t''
memory\t''
file\t''
none\t''"
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand default" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand logout" -l site -d 'The Bitbucket that is meant, if several are configured: its URL or host' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand logout" -l store -d 'Use this store, and not the one that Git\'s configuration names' -r -f -a "auto\t''
keychain\t''
pass\t''
memory\t''
file\t''
none\t''"
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand logout" -l all -d 'Forget every Bitbucket credential in the store in use (see --store)'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand logout" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l site -d 'The Bitbucket that is meant, if several are configured: its URL or host' -r
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l offline -d 'Send nothing: say what can be seen on this machine alone'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l check -d 'What it does anyway: asks Bitbucket about every token that is found'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l json -d 'Print JSON for programs'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l fix -d 'Show what can be done, ask once, do it'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l yes -d 'Do it without asking'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l move -d 'Remove good tokens from where they lie, once they are in the keychain'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -l undo -d 'Put back what `--fix` has set aside in the last 30 days'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "configure" -d 'Make Git use this helper for bitbucket.org, or for a company\'s own server'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "unconfigure" -d 'Take back what `configure` wrote'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "login" -d 'Enter a credential, verify it and keep it'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "status" -d 'List what is kept'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "default" -d 'Choose the account to use where nothing else chooses'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "logout" -d 'Forget a credential'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "doctor" -d 'Find out why a push asks or fails, and heal it'
complete -c git-credential-bitbucket -n "__fish_git_credential_bitbucket_using_subcommand help; and not __fish_seen_subcommand_from configure unconfigure login status default logout doctor help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
