package io.dropserver.cli;

import picocli.CommandLine.Command;

@Command(
    name = "app",
    description = "Write, check and pack apps, and add apps to an instance repository.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  dropserver app new notes && dropserver app check notes"})
final class AppCommand extends CommandGroup {}
