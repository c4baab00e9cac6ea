"""What a notebook on Colab calls so that the page loads widgets that Colab does not ship; no chapter needs it."""


def enable_custom_widget_manager(): ...


def disable_custom_widget_manager(): ...
