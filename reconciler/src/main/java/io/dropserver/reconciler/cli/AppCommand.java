package io.dropserver.reconciler.cli;

import picocli.CommandLine.Command;

@Command(
    name = "app",
    description = "Add apps to an instance repository.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  dropserver app add npm:tiddlywiki@5.4.1 --name wiki"})
final class AppCommand extends CommandGroup {}
