"""Makes the embedded base model. Run by base/dvc.yaml (`make base`); `pretraining` says how."""

from sokrates.pipeline.machine import set_up_processor

if __name__ == "__main__":
    set_up_processor()  # before torch is loaded
    from pretraining import main

    main()
