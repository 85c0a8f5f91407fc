package io.dropserver.cli.app;

import io.dropserver.cli.command.CommandGroup;
import picocli.CommandLine.Command;

@Command(
    name = "app",
    description = "Write, check and pack apps, and add apps to an instance repository.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  dropserver app new notes && dropserver app check notes"})
final class AppCommand extends CommandGroup {}
