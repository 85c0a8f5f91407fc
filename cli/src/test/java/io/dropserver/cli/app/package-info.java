@NullMarked
package io.dropserver.cli.app;

import org.jspecify.annotations.NullMarked;
