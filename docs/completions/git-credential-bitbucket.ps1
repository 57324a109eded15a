
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'git-credential-bitbucket' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'git-credential-bitbucket'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'git-credential-bitbucket' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('configure', 'configure', [CompletionResultType]::ParameterValue, 'Make Git use this helper for bitbucket.org, or for a company''s own server')
            [CompletionResult]::new('unconfigure', 'unconfigure', [CompletionResultType]::ParameterValue, 'Take back what `configure` wrote')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Enter a credential, verify it and keep it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'List what is kept')
            [CompletionResult]::new('default', 'default', [CompletionResultType]::ParameterValue, 'Choose the account to use where nothing else chooses')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Forget a credential')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out why a push asks or fails, and heal it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'git-credential-bitbucket;configure' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Keep tokens there; without this, where they were kept before')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long `memory` remembers')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Serve the token in this file, and keep none')
            [CompletionResult]::new('--token-command', '--token-command', [CompletionResultType]::ParameterName, 'Serve what this command prints, and keep nothing; it is run as Git runs helpers')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'The user name that goes with it, for an app password')
            [CompletionResult]::new('--oauth-client', '--oauth-client', [CompletionResultType]::ParameterName, 'Let people sign in with the browser as this OAuth client; its secret is asked for')
            [CompletionResult]::new('--data-center', '--data-center', [CompletionResultType]::ParameterName, 'Speak for this server in place of bitbucket.org')
            [CompletionResult]::new('--alias', '--alias', [CompletionResultType]::ParameterName, 'Another host that takes the same credentials, as a mirror: HOST[:PORT]')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'For everybody on this machine (an administrator''s right)')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Only for the repository you are in')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would change, change nothing')
            [CompletionResult]::new('--ignore-environment', '--ignore-environment', [CompletionResultType]::ParameterName, 'Pass over tokens in variables, which may be another program''s')
            [CompletionResult]::new('--with-secret', '--with-secret', [CompletionResultType]::ParameterName, 'Read the client''s secret from standard input')
            [CompletionResult]::new('--no-oauth-client', '--no-oauth-client', [CompletionResultType]::ParameterName, 'Forget the OAuth client')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Agree to http://, which shows every token to whoever is on the way')
            [CompletionResult]::new('--allow-password', '--allow-password', [CompletionResultType]::ParameterName, 'Agree to passwords of accounts; without this only tokens are taken')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Do not ask the server whether it is a Bitbucket')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'git-credential-bitbucket;unconfigure' {
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'For everybody on this machine (an administrator''s right)')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Only for the repository you are in')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would change, change nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'git-credential-bitbucket;login' {
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Its kind, when its form does not tell')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'Your Bitbucket username (app passwords need it)')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'Your Atlassian e-mail, to verify without a repository')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Use it for this workspace only; on a Data Center for this project, or ~user')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Use it for this workspace only; on a Data Center for this project, or ~user')
            [CompletionResult]::new('--repository', '--repository', [CompletionResultType]::ParameterName, 'Use it for this repository only: WORKSPACE/NAME')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it expires: 2027-11-24, 90d or 1y')
            [CompletionResult]::new('--site', '--site', [CompletionResultType]::ParameterName, 'The Bitbucket that is meant, if several are configured: its URL or host')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Use this store, and not the one that Git''s configuration names')
            [CompletionResult]::new('--with-token', '--with-token', [CompletionResultType]::ParameterName, 'Read the token from standard input; ask nothing')
            [CompletionResult]::new('--web', '--web', [CompletionResultType]::ParameterName, 'Sign in with the browser; needs an OAuth client (see configure --oauth-client)')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'The same, but print the address to open')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Use it where nothing else chooses among accounts')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Put it in the place of the only API token that it may renew')
            [CompletionResult]::new('--beside', '--beside', [CompletionResultType]::ParameterName, 'Keep every other token, too')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'git-credential-bitbucket;status' {
            [CompletionResult]::new('--site', '--site', [CompletionResultType]::ParameterName, 'The Bitbucket that is meant, if several are configured: its URL or host')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Use this store, and not the one that Git''s configuration names')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Ask the server once about each credential; fails if it refuses one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON for programs')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'git-credential-bitbucket;default' {
            [CompletionResult]::new('--site', '--site', [CompletionResultType]::ParameterName, 'The Bitbucket that is meant, if several are configured: its URL or host')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Use this store, and not the one that Git''s configuration names')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'git-credential-bitbucket;logout' {
            [CompletionResult]::new('--site', '--site', [CompletionResultType]::ParameterName, 'The Bitbucket that is meant, if several are configured: its URL or host')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Use this store, and not the one that Git''s configuration names')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Forget every Bitbucket credential in the store in use (see --store)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'git-credential-bitbucket;doctor' {
            [CompletionResult]::new('--site', '--site', [CompletionResultType]::ParameterName, 'The Bitbucket that is meant, if several are configured: its URL or host')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Send nothing: say what can be seen on this machine alone')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'What it does anyway: asks Bitbucket about every token that is found')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON for programs')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Show what can be done, ask once, do it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do it without asking')
            [CompletionResult]::new('--move', '--move', [CompletionResultType]::ParameterName, 'Remove good tokens from where they lie, once they are in the keychain')
            [CompletionResult]::new('--undo', '--undo', [CompletionResultType]::ParameterName, 'Put back what `--fix` has set aside in the last 30 days')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'git-credential-bitbucket;help' {
            [CompletionResult]::new('configure', 'configure', [CompletionResultType]::ParameterValue, 'Make Git use this helper for bitbucket.org, or for a company''s own server')
            [CompletionResult]::new('unconfigure', 'unconfigure', [CompletionResultType]::ParameterValue, 'Take back what `configure` wrote')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Enter a credential, verify it and keep it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'List what is kept')
            [CompletionResult]::new('default', 'default', [CompletionResultType]::ParameterValue, 'Choose the account to use where nothing else chooses')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Forget a credential')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out why a push asks or fails, and heal it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'git-credential-bitbucket;help;configure' {
            break
        }
        'git-credential-bitbucket;help;unconfigure' {
            break
        }
        'git-credential-bitbucket;help;login' {
            break
        }
        'git-credential-bitbucket;help;status' {
            break
        }
        'git-credential-bitbucket;help;default' {
            break
        }
        'git-credential-bitbucket;help;logout' {
            break
        }
        'git-credential-bitbucket;help;doctor' {
            break
        }
        'git-credential-bitbucket;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
